// Copies of a bucket's objects in another region, in a bucket like it under a key of its own, so that neither the loss of a
// region nor of a key takes all copies. Deletions are not copied: what somebody deletes here stays there until it expires.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeKey } from "./key.ts";
import { type Lifecycle, type Lock, SecureBucket } from "./secure-bucket.ts";

export interface ReplicaArgs {
  /** 12 digits. */
  accountId: string;
  source: SecureBucket;
  /** Key of the source's objects. */
  keyArn: pulumi.Input<string>;
  /** Where the copies are. */
  region: string;
  lifecycle: Lifecycle;
  /** @default no lock */
  lock?: Lock;
  /** The most that the role may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The bucket `NAME-backups-replica`, its key, and the role with which S3 copies. */
export class Replica extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: ReplicaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Replica", name, {}, opts);
    const parent = { parent: this };
    const { accountId, source, region, lock, lifecycle, disposable } = args;
    const description = `Copies of the backups of ${name}`;
    const key = makeKey(
      `${name}-replica`,
      { accountId, region, description, through: ["s3"], disposable },
      this,
    );
    const bucket = new SecureBucket(
      `${name}-backups-replica`,
      { region, keyArn: key.arn, lock, lifecycle, disposable },
      parent,
    );
    const role = new aws.iam.Role(
      `${name}-replication`,
      {
        name: `${name}-replication`,
        description,
        assumeRolePolicy: TRUST,
        permissionsBoundary: args.permissionsBoundary,
      },
      parent,
    );
    const allowed = new aws.iam.RolePolicy(
      `${name}-replication`,
      {
        role: role.name,
        policy: pulumi
          .all([source.bucketArn, bucket.bucketArn, args.keyArn, key.arn])
          .apply(([from, to, fromKey, toKey]) => policyOf(from, to, fromKey, toKey)),
      },
      parent,
    );
    new aws.s3.BucketReplicationConfig(
      `${name}-replication`,
      {
        bucket: source.bucketName,
        role: role.arn,
        rules: [
          {
            id: "copies",
            status: "Enabled",
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: {
              bucket: bucket.bucketArn,
              encryptionConfiguration: { replicaKmsKeyId: key.arn },
            },
          },
        ],
      },
      // S3 wants both buckets versioned, and copies nothing while the role may not.
      { ...parent, dependsOn: [source.versioning, bucket.versioning, allowed] },
    );
    this.bucketName = bucket.bucketName;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

function policyOf(from: string, to: string, fromKey: string, toKey: string): string {
  const Statement = [
    {
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket"],
      Resource: from,
    },
    {
      Effect: "Allow",
      Action: [
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionTagging",
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      Resource: `${from}/*`,
    },
    { Effect: "Allow", Action: ["s3:ReplicateObject", "s3:ReplicateTags"], Resource: `${to}/*` },
    { Effect: "Allow", Action: "kms:Decrypt", Resource: fromKey },
    { Effect: "Allow", Action: "kms:Encrypt", Resource: toKey },
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
