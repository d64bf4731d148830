// Every aws resource type that has a handler, loaded when first used.

import type { ResourceHandler } from "../handler.ts";
import type { AwsSession } from "./session.ts";

export const resources: { [type: string]: () => Promise<ResourceHandler<AwsSession>> } = {
  "aws:kms/alias:Alias": async () => (await import("./kms/alias.ts")).alias,
  "aws:kms/key:Key": async () => (await import("./kms/key.ts")).key,
  "aws:s3/bucket:Bucket": async () => (await import("./s3/bucket.ts")).bucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": async () =>
    (await import("./s3/bucket-lifecycle.ts")).bucketLifecycle,
  "aws:s3/bucketLogging:BucketLogging": async () => (await import("./s3/bucket-logging.ts")).bucketLogging,
  "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": async () =>
    (await import("./s3/bucket-object-lock.ts")).bucketObjectLock,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": async () =>
    (await import("./s3/bucket-ownership-controls.ts")).bucketOwnershipControls,
  "aws:s3/bucketPolicy:BucketPolicy": async () => (await import("./s3/bucket-policy.ts")).bucketPolicy,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": async () =>
    (await import("./s3/bucket-public-access-block.ts")).bucketPublicAccessBlock,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": async () =>
    (await import("./s3/bucket-encryption.ts")).bucketEncryption,
  "aws:s3/bucketVersioning:BucketVersioning": async () =>
    (await import("./s3/bucket-versioning.ts")).bucketVersioning,
  "aws:secretsmanager/secret:Secret": async () => (await import("./secretsmanager/secret.ts")).secret,
  "aws:secretsmanager/secretPolicy:SecretPolicy": async () =>
    (await import("./secretsmanager/secret-policy.ts")).secretPolicy,
  "aws:secretsmanager/secretVersion:SecretVersion": async () =>
    (await import("./secretsmanager/secret-version.ts")).secretVersion,
};
