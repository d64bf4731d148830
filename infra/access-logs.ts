// Who read and wrote what: the access logs of buckets and of the site. S3 delivers logs only into a bucket that is encrypted
// with its own keys, and CloudFront only into one that still takes ACLs.
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SecureBucket } from "./secure-bucket.ts";

export interface AccessLogsArgs {
  /** The account whose buckets may write here, 12 digits. */
  accountId: string;
  /** Age at which a log file is deleted. @default 90 */
  retentionDays?: number;
  /** @default false */
  disposable?: boolean;
}

/** The bucket of access logs: `s3/BUCKET/…` and `site/…`. */
export class AccessLogs extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  /** Host name of the bucket, as CloudFront wants it. */
  readonly domainName: pulumi.Output<string>;

  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:AccessLogs", name, {}, opts);
    const bucket = new SecureBucket(
      `${name}-access-logs`,
      {
        objectOwnership: "BucketOwnerPreferred",
        lifecycle: { expirationDays: args.retentionDays ?? 90, noncurrentDays: 7 },
        policyStatements: (arn) => arn.apply((bucketArn) => [deliveryAllowed(bucketArn, args.accountId)]),
        disposable: args.disposable,
      },
      { parent: this },
    );
    this.bucketName = bucket.bucketName;
    this.domainName = bucket.regionalDomainName;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}

function deliveryAllowed(bucketArn: string, accountId: string): aws.iam.PolicyStatement {
  return {
    Sid: "S3AccessLogs",
    Effect: "Allow",
    Principal: { Service: "logging.s3.amazonaws.com" },
    Action: "s3:PutObject",
    Resource: `${bucketArn}/s3/*`,
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
