// What the identity that runs `pulumi up` must be allowed to do, service by service, for the parts that a stack has: making
// them, reading them back, and what the steps do with them. Names of the stack begin with its name, and so do the ARNs here.
import type * as aws from "@pulumi/aws";
import { MANAGE_KEYS, USE_KEYS } from "./key.ts";

/** Where the stack is and what it calls things that need not begin with its name. */
export interface Place {
  name: string;
  /** 12 digits. */
  accountId: string;
  region: string;
  /** Buckets with names of their own. */
  bucketNames: string[];
  zoneId?: string;
}

type Statement = aws.iam.PolicyStatement;
type Permissions = (place: Place) => Statement[];

const allow = (
  Action: string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const each = (service: string, verbs: string[]) => verbs.map((verb) => `${service}:${verb}`);

const acm: Permissions = ({ accountId }) => [
  allow(
    each("acm", [
      "RequestCertificate",
      "DescribeCertificate",
      "DeleteCertificate",
      "ListTagsForCertificate",
      "AddTagsToCertificate",
      "RemoveTagsFromCertificate",
    ]),
    `arn:aws:acm:us-east-1:${accountId}:certificate/*`,
  ),
];

/** Slack channels of alarms; they know no resource before they are made. */
const chatbot: Permissions = () => [
  allow(
    each("chatbot", [
      "CreateSlackChannelConfiguration",
      "DescribeSlackChannelConfigurations",
      "UpdateSlackChannelConfiguration",
      "DeleteSlackChannelConfiguration",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    "*",
  ),
];

const cloudfront: Permissions = ({ accountId }) => [
  allow(
    [
      ...["Distribution", "OriginAccessControl", "ResponseHeadersPolicy"].flatMap((what) =>
        each("cloudfront", [`Get${what}`, `Get${what}Config`, `Update${what}`, `Delete${what}`]),
      ),
      ...each("cloudfront", ["TagResource", "UntagResource", "ListTagsForResource"]),
      ...each("cloudfront", ["CreateInvalidation", "GetInvalidation"]),
    ],
    `arn:aws:cloudfront::${accountId}:*`,
  ),
  // What is made has no ARN yet, and only the lists tell whether a policy of that name is there.
  allow(
    each("cloudfront", [
      "CreateDistribution",
      "CreateDistributionWithTags",
      "CreateOriginAccessControl",
      "CreateResponseHeadersPolicy",
      "ListDistributions",
      "ListOriginAccessControls",
      "ListResponseHeadersPolicies",
    ]),
    "*",
  ),
];

const cloudwatch: Permissions = ({ name, accountId, region }) => [
  allow(
    each("cloudwatch", [
      "PutMetricAlarm",
      "PutCompositeAlarm",
      "DeleteAlarms",
      "DescribeAlarmHistory",
      "SetAlarmState",
      "EnableAlarmActions",
      "DisableAlarmActions",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}-*`,
  ),
  allow(
    each("cloudwatch", ["GetDashboard", "PutDashboard", "DeleteDashboards"]),
    `arn:aws:cloudwatch::${accountId}:dashboard/${name}*`,
  ),
  // These know no resource.
  allow(
    each("cloudwatch", [
      "DescribeAlarms",
      "GetMetricData",
      "GetMetricStatistics",
      "ListMetrics",
      "PutMetricData",
    ]),
    "*",
  ),
];

const ec2: Permissions = ({ region }) => [
  allow(
    each("ec2", [
      "CreateVpc",
      "DeleteVpc",
      "ModifyVpcAttribute",
      "CreateSubnet",
      "DeleteSubnet",
      "CreateSecurityGroup",
      "DeleteSecurityGroup",
      "AuthorizeSecurityGroupIngress",
      "AuthorizeSecurityGroupEgress",
      "RevokeSecurityGroupIngress",
      "RevokeSecurityGroupEgress",
      "ModifySecurityGroupRules",
      "CreateTags",
      "DeleteTags",
      "Describe*",
    ]),
    "*",
    { StringEquals: { "aws:RequestedRegion": region } },
  ),
];

const elasticache: Permissions = ({ name, accountId, region }) => [
  allow(
    [
      ...["CacheParameterGroup", "CacheSubnetGroup", "ReplicationGroup"].flatMap((what) =>
        each("elasticache", [`Create${what}`, `Modify${what}`, `Delete${what}`]),
      ),
      ...each("elasticache", ["CreateSnapshot", "ListTagsForResource", "AddTagsToResource"]),
      ...each("elasticache", ["RemoveTagsFromResource"]),
    ],
    `arn:aws:elasticache:${region}:${accountId}:*:${name}-*`,
  ),
  allow(
    ["elasticache:CreateReplicationGroup"],
    `arn:aws:elasticache:${region}:${accountId}:parametergroup:*`,
  ),
  allow(["elasticache:Describe*"], "*"),
];

const iam: Permissions = ({ name, accountId }) => [
  allow(
    each("iam", [
      "CreateRole",
      "GetRole",
      "UpdateRole",
      "UpdateAssumeRolePolicy",
      "DeleteRole",
      "TagRole",
      "UntagRole",
      "ListRoleTags",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "PutRolePolicy",
      "GetRolePolicy",
      "DeleteRolePolicy",
    ]),
    `arn:aws:iam::${accountId}:role/${name}-*`,
  ),
  // Policies for others to attach: attaching is not among these.
  allow(
    each("iam", [
      "CreatePolicy",
      "CreatePolicyVersion",
      "DeletePolicy",
      "DeletePolicyVersion",
      "GetPolicy",
      "GetPolicyVersion",
      "ListPolicyTags",
      "ListPolicyVersions",
      "TagPolicy",
      "UntagPolicy",
    ]),
    `arn:aws:iam::${accountId}:policy/${name}-*`,
  ),
  // Handed to S3 for replication, and to the service that carries alarms to Slack.
  allow(["iam:PassRole"], `arn:aws:iam::${accountId}:role/${name}-*`, {
    StringEquals: { "iam:PassedToService": ["s3.amazonaws.com", "chatbot.amazonaws.com"] },
  }),
];

const kms: Permissions = ({ name, accountId }) => [
  allow(["kms:CreateKey", "kms:ListAliases"], "*"),
  // By any key of the account, since a key has its alias only later; what it encrypted is not to be read with these.
  allow(MANAGE_KEYS, [`arn:aws:kms:*:${accountId}:key/*`, `arn:aws:kms:*:${accountId}:alias/${name}-*`]),
  allow([...USE_KEYS, "kms:CreateGrant"], `arn:aws:kms:*:${accountId}:key/*`, {
    StringLike: { "kms:ViaService": "*.amazonaws.com" },
    "ForAnyValue:StringLike": { "kms:ResourceAliases": `alias/${name}-*` },
  }),
];

const logs: Permissions = ({ name, accountId }) => [
  allow(
    each("logs", [
      "CreateLogGroup",
      "DeleteLogGroup",
      "PutRetentionPolicy",
      "DeleteRetentionPolicy",
      "AssociateKmsKey",
      "DisassociateKmsKey",
      "PutMetricFilter",
      "DeleteMetricFilter",
      "DescribeMetricFilters",
      "PutSubscriptionFilter",
      "DeleteSubscriptionFilter",
      "DescribeSubscriptionFilters",
      "FilterLogEvents",
      "StartQuery",
      "GetQueryResults",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    [`/${name}/*`, `aws-waf-logs-${name}*`].map((group) => `arn:aws:logs:*:${accountId}:log-group:${group}`),
  ),
  // The last ones are for services that write logs themselves, such as ElastiCache and AWS WAF, and know no resource.
  allow(
    each("logs", [
      "DescribeLogGroups",
      "DescribeResourcePolicies",
      "PutResourcePolicy",
      "CreateLogDelivery",
      "DeleteLogDelivery",
      "GetLogDelivery",
      "ListLogDeliveries",
      "UpdateLogDelivery",
    ]),
    "*",
  ),
];

const route53: Permissions = ({ zoneId = "none" }) => [
  allow(
    each("route53", ["ChangeResourceRecordSets", "GetHostedZone", "ListResourceRecordSets"]),
    `arn:aws:route53:::hostedzone/${zoneId}`,
  ),
  allow(["route53:GetChange"], "arn:aws:route53:::change/*"),
  // A health check gets its name from Route 53.
  allow(
    each("route53", [
      "GetHealthCheck",
      "UpdateHealthCheck",
      "DeleteHealthCheck",
      "ChangeTagsForResource",
      "ListTagsForResource",
    ]),
    "arn:aws:route53:::healthcheck/*",
  ),
  allow(["route53:CreateHealthCheck"], "*"),
];

const s3: Permissions = ({ name, bucketNames }) => {
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

const secretsmanager: Permissions = ({ name, accountId, region }) => [
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

const sns: Permissions = ({ name, accountId, region }) => [
  allow(
    each("sns", [
      "CreateTopic",
      "DeleteTopic",
      "GetTopicAttributes",
      "SetTopicAttributes",
      "Subscribe",
      "ListSubscriptionsByTopic",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    `arn:aws:sns:${region}:${accountId}:${name}-*`,
  ),
  allow(
    each("sns", ["GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"]),
    `arn:aws:sns:${region}:${accountId}:*`,
  ),
];

const sqs: Permissions = ({ name, accountId, region }) => [
  allow(
    each("sqs", [
      "CreateQueue",
      "DeleteQueue",
      "GetQueueAttributes",
      "GetQueueUrl",
      "ListQueueTags",
      "SetQueueAttributes",
      "TagQueue",
      "UntagQueue",
    ]),
    `arn:aws:sqs:${region}:${accountId}:${name}-*`,
  ),
];

const wafv2: Permissions = ({ name, accountId }) => [
  allow(
    each("wafv2", [
      "CreateWebACL",
      "DeleteWebACL",
      "GetWebACL",
      "UpdateWebACL",
      "DeleteLoggingConfiguration",
      "GetLoggingConfiguration",
      "PutLoggingConfiguration",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    [
      `arn:aws:wafv2:us-east-1:${accountId}:global/webacl/${name}-*/*`,
      `arn:aws:wafv2:us-east-1:${accountId}:global/managedruleset/*/*`,
    ],
  ),
];

/** By the service in a resource's type, e.g. `s3` of `aws:s3/bucket:Bucket`. */
export const permissions = {
  acm,
  chatbot,
  cloudfront,
  cloudwatch,
  ec2,
  elasticache,
  iam,
  kms,
  logs,
  route53,
  s3,
  secretsmanager,
  sns,
  sqs,
  wafv2,
} satisfies { [service: string]: Permissions };

export type Service = keyof typeof permissions;
