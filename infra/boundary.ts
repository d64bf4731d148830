// The most that any role of the stack can ever be allowed, whatever its policies say. The deploying identity makes roles under
// this boundary only: without it, it could make one that may do more than itself.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface BoundaryArgs {
  /** 12 digits. */
  accountId: string;
  /** Buckets with names of their own, beside those that begin with the stack's name. */
  bucketNames: string[];
}

/** The policy `NAME-boundary`. */
export class Boundary extends pulumi.ComponentResource {
  readonly policyArn: pulumi.Output<string>;

  constructor(name: string, args: BoundaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Boundary", name, {}, opts);
    this.policyArn = new aws.iam.Policy(
      `${name}-boundary`,
      {
        name: `${name}-boundary`,
        description: `The most that roles of ${name} may do`,
        policy: boundaryOf(name, args),
      },
      { parent: this },
    ).arn;
    this.registerOutputs({ policyArn: this.policyArn });
  }
}

/** The boundary's ARN, for permissions that ask for it. */
export function boundaryArnOf(name: string, accountId: string): string {
  return `arn:aws:iam::${accountId}:policy/${name}-boundary`;
}

/** What the roles for backups, their copies and Slack do, and no change of anything else. */
function boundaryOf(name: string, { accountId, bucketNames }: BoundaryArgs): string {
  const buckets = [`${name}-*`, ...bucketNames].map((bucket) => `arn:aws:s3:::${bucket}`);
  const Statement: aws.iam.PolicyStatement[] = [
    {
      Sid: "Buckets",
      Effect: "Allow",
      Action: ["s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions"],
      Resource: buckets,
    },
    {
      Sid: "Objects",
      Effect: "Allow",
      Action: [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:GetObjectLegalHold",
        "s3:GetObjectRetention",
        "s3:GetObjectVersion*",
        "s3:PutObject",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
      ],
      Resource: buckets.map((bucket) => `${bucket}/*`),
    },
    {
      // Keys let themselves be used through the services of their purpose only.
      Sid: "Keys",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
      Resource: `arn:aws:kms:*:${accountId}:key/*`,
    },
    {
      Sid: "Alarms",
      Effect: "Allow",
      Action: ["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"],
      Resource: "*",
    },
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
