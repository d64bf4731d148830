// A private S3 bucket as every bucket of the stack is: versioned, encrypted, closed to the public, reachable over TLS only.
// What is in it and how long it stays is up to the component that uses it.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Days after which things go; without a figure they stay. */
export interface Lifecycle {
  /** Age at which an object is deleted (a version of it stays for `noncurrentDays`). */
  expirationDays?: number;
  /** How long an overwritten or deleted version can still be brought back. @default 30 */
  noncurrentDays?: number;
  /** Age at which an object moves to a cheaper class. @default it stays */
  transitions?: { days: number; storageClass: "STANDARD_IA" | "GLACIER_IR" | "GLACIER" | "DEEP_ARCHIVE" }[];
}

/** Object lock: nobody can delete a version before. */
export interface Lock {
  days: number;
  /** `COMPLIANCE` binds the account's root user too; `GOVERNANCE` can be lifted with a permission of its own. */
  mode: "COMPLIANCE" | "GOVERNANCE";
}

export interface SecureBucketArgs {
  /** The exact name. @default made up from the component's name */
  bucketName?: string;
  /** Objects are encrypted with this key and every other is refused. @default S3's own keys (SSE-S3) */
  keyArn?: pulumi.Input<string>;
  lifecycle?: Lifecycle;
  /** @default no lock */
  lock?: Lock;
  /** @default the stack's region */
  region?: string;
  /** Where S3 writes who read and wrote. @default nowhere */
  accessLogBucket?: pulumi.Input<string>;
  /** Statements beside the bucket's own. */
  policyStatements?: (bucketArn: pulumi.Output<string>) => pulumi.Input<aws.iam.PolicyStatement[]>;
  /** `BucketOwnerPreferred` only where an AWS service still writes with ACLs. @default "BucketOwnerEnforced" */
  objectOwnership?: "BucketOwnerEnforced" | "BucketOwnerPreferred";
  /** Allows `pulumi destroy` to delete the bucket with all it holds. @default false */
  disposable?: boolean;
}

/** A bucket that passes an auditor's list; `protect`ed unless it is disposable. */
export class SecureBucket extends pulumi.ComponentResource {
  /** The bucket's name. */
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  /** Host name for CloudFront, e.g. `orders-site.s3.us-east-1.amazonaws.com`. */
  readonly regionalDomainName: pulumi.Output<string>;
  /** What replication has to wait for. */
  readonly versioning: pulumi.Resource;

  constructor(name: string, args: SecureBucketArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:SecureBucket", name, {}, opts);
    const parent = { parent: this };
    const { region } = args;
    const bucket = new aws.s3.Bucket(
      name,
      {
        region,
        bucket: args.bucketName,
        objectLockEnabled: args.lock === undefined ? undefined : true,
        forceDestroy: args.disposable ?? false,
      },
      // Said at its making it would make a bucket without lock anew; one that is there takes the lock from its configuration.
      { ...parent, protect: !args.disposable, ignoreChanges: ["objectLockEnabled"] },
    );
    const of = { region, bucket: bucket.bucket };
    const versioning = new aws.s3.BucketVersioning(
      `${name}-versioning`,
      { ...of, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      `${name}-encryption`,
      { ...of, rules: [encryption(args.keyArn)] },
      parent,
    );
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-public-access`,
      {
        ...of,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    const ownership = new aws.s3.BucketOwnershipControls(
      `${name}-ownership`,
      { ...of, rule: { objectOwnership: args.objectOwnership ?? "BucketOwnerEnforced" } },
      parent,
    );
    new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      { ...of, rules: lifecycleRules(args.lifecycle ?? {}) },
      { ...parent, dependsOn: versioning },
    );
    // S3 refuses two changes of a bucket's access at once, so the policy waits.
    new aws.s3.BucketPolicy(
      `${name}-policy`,
      { ...of, policy: policyOf(bucket.arn, args) },
      { ...parent, dependsOn: closed },
    );
    if (args.lock !== undefined)
      new aws.s3.BucketObjectLockConfiguration(
        `${name}-lock`,
        { ...of, rule: { defaultRetention: args.lock } },
        { ...parent, dependsOn: versioning },
      );
    if (args.accessLogBucket !== undefined)
      new aws.s3.BucketLogging(
        `${name}-access-log`,
        { ...of, targetBucket: args.accessLogBucket, targetPrefix: `s3/${name}/` },
        parent,
      );
    this.versioning = versioning;
    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    // CloudFront refuses a bucket for its logs that does not take ACLs yet.
    this.regionalDomainName = pulumi
      .all([bucket.bucketRegionalDomainName, ownership.id])
      .apply(([hostName]) => hostName);
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }
}

function encryption(
  keyArn: pulumi.Input<string> | undefined,
): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule {
  if (keyArn === undefined)
    return { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" }, bucketKeyEnabled: false };
  return {
    applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
    bucketKeyEnabled: true,
  };
}

function lifecycleRules(lifecycle: Lifecycle): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const { expirationDays, noncurrentDays = 30, transitions } = lifecycle;
  return [
    {
      id: "retention",
      status: "Enabled",
      filter: { prefix: "" },
      expiration: expirationDays === undefined ? undefined : { days: expirationDays },
      transitions,
      noncurrentVersionExpiration: { noncurrentDays },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
    },
  ];
}

/** TLS only, and where a key is given no object under another one. */
function policyOf(bucketArn: pulumi.Output<string>, args: SecureBucketArgs): pulumi.Output<string> {
  const more = args.policyStatements?.(bucketArn) ?? [];
  return pulumi.all([bucketArn, args.keyArn, more]).apply(([arn, keyArn, statements]) => {
    const tlsOnly: aws.iam.PolicyStatement = {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    const own = keyArn === undefined ? [tlsOnly] : [tlsOnly, ...otherEncryptionRefused(arn, keyArn)];
    return JSON.stringify({ Version: "2012-10-17", Statement: [...own, ...statements] });
  });
}

/** A writer may name the bucket's encryption or leave it out, but not ask for another one. */
function otherEncryptionRefused(bucketArn: string, keyArn: string): aws.iam.PolicyStatement[] {
  const upload = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:PutObject",
    Resource: `${bucketArn}/*`,
  } as const;
  const header = "s3:x-amz-server-side-encryption";
  return [
    {
      Sid: "KmsOnly",
      ...upload,
      Condition: { StringNotEqualsIfExists: { [header]: "aws:kms" }, Null: { [header]: "false" } },
    },
    {
      Sid: "OwnKeyOnly",
      ...upload,
      Condition: {
        StringNotEqualsIfExists: { [`${header}-aws-kms-key-id`]: keyArn },
        Null: { [`${header}-aws-kms-key-id`]: "false" },
      },
    },
    // A key that only the writer has is no other encryption by name, and nobody else could read the object.
    {
      Sid: "NoKeyOfTheWriter",
      ...upload,
      Condition: { Null: { [`${header}-customer-algorithm`]: "false" } },
    },
  ];
}
