// What the deploying identity does where data is kept.
import { MANAGE_KEYS, USE_KEYS } from "../key.ts";
import { allow, each, type Permissions } from "./statement.ts";

export const elasticache: Permissions = ({ name, accountId, region }) => [
  allow(
    [
      ...["CacheParameterGroup", "CacheSubnetGroup", "ReplicationGroup"].flatMap((what) =>
        each("elasticache", [`Create${what}`, `Modify${what}`, `Delete${what}`]),
      ),
      ...each("elasticache", ["CreateSnapshot", "ListTagsForResource", "AddTagsToResource"]),
      ...each("elasticache", ["RemoveTagsFromResource"]),
      // How the provider changes the number of nodes.
      ...each("elasticache", ["IncreaseReplicaCount", "DecreaseReplicaCount"]),
    ],
    `arn:aws:elasticache:${region}:${accountId}:*:${name}-*`,
  ),
  allow(
    ["elasticache:CreateReplicationGroup"],
    `arn:aws:elasticache:${region}:${accountId}:parametergroup:*`,
  ),
  allow(["elasticache:Describe*"], "*"),
  // The role with which ElastiCache itself acts, which an account has from its first cache on.
  allow(
    ["iam:CreateServiceLinkedRole"],
    `arn:aws:iam::${accountId}:role/aws-service-role/elasticache.amazonaws.com/*`,
    { StringEquals: { "iam:AWSServiceName": "elasticache.amazonaws.com" } },
  ),
];

/** An instance that exists, and its cluster where it has one, is looked at, and nothing else. */
export const rds: Permissions = ({ accountId, region }) => [
  allow(["rds:DescribeDBInstances"], `arn:aws:rds:${region}:${accountId}:db:*`),
  allow(["rds:DescribeDBClusters"], `arn:aws:rds:${region}:${accountId}:cluster:*`),
];

export const kms: Permissions = ({ name, accountId }) => [
  allow(["kms:CreateKey", "kms:ListAliases"], "*"),
  // By any key of the account, since a key has its alias only later; what it encrypted is not to be read with these.
  allow(MANAGE_KEYS, [`arn:aws:kms:*:${accountId}:key/*`, `arn:aws:kms:*:${accountId}:alias/${name}-*`]),
  allow([...USE_KEYS, "kms:CreateGrant"], `arn:aws:kms:*:${accountId}:key/*`, {
    StringLike: { "kms:ViaService": "*.amazonaws.com" },
    "ForAnyValue:StringLike": { "kms:ResourceAliases": `alias/${name}-*` },
  }),
];

export const s3: Permissions = ({ name, bucketNames }) => {
  const buckets = [`${name}-*`, ...bucketNames].map((bucket) => `arn:aws:s3:::${bucket}`);
  return [
    allow(
      each("s3", [
        "CreateBucket",
        "DeleteBucket",
        "DeleteBucketPolicy",
        "GetAccelerateConfiguration",
        "GetBucket*",
        "GetEncryptionConfiguration",
        "GetLifecycleConfiguration",
        "GetReplicationConfiguration",
        "ListBucket",
        "ListBucketMultipartUploads",
        "ListBucketVersions",
        "PutBucket*",
        "PutEncryptionConfiguration",
        "PutLifecycleConfiguration",
        "PutReplicationConfiguration",
      ]),
      buckets,
    ),
    allow(
      each("s3", [
        "AbortMultipartUpload",
        "DeleteObject",
        "DeleteObjectVersion",
        "GetObject",
        "GetObjectAttributes",
        "GetObjectVersion",
        "GetObjectVersionAttributes",
        "ListMultipartUploadParts",
        "PutObject",
      ]),
      buckets.map((bucket) => `${bucket}/*`),
    ),
  ];
};

export const secretsmanager: Permissions = ({ name, accountId, region }) => [
  allow(
    each("secretsmanager", [
      "CreateSecret",
      "DeleteSecret",
      "DescribeSecret",
      "GetResourcePolicy",
      "PutResourcePolicy",
      "DeleteResourcePolicy",
      "ValidateResourcePolicy",
      "GetSecretValue",
      "PutSecretValue",
      "UpdateSecret",
      "UpdateSecretVersionStage",
      "ListSecretVersionIds",
      "RestoreSecret",
      "TagResource",
      "UntagResource",
    ]),
    `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}/*`,
  ),
];
