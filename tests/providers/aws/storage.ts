// Buckets and what is set on them.
import type { Case } from "../support/conformance.ts";
import { BUCKET, bucketOf, deny, keyOf, ROLE, retagged, tags, trust } from "./parts.ts";

export const storage: Case[] = [
  {
    type: BUCKET,
    program: () => ({ forceDestroy: true, objectLockEnabled: true, tags }),
    update: retagged,
    replace: { bucket: "another-bucket", objectLockEnabled: false },
  },
  {
    type: "aws:s3/bucketVersioning:BucketVersioning",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      versioningConfiguration: { status: "Enabled" },
    }),
    update: { versioningConfiguration: { status: "Suspended" } },
    replace: { bucket: "another-bucket" },
    remains: "S3 only suspends versioning",
  },
  {
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    program: async (deployment) => {
      const kmsMasterKeyId = (await keyOf(deployment)).arn;
      return {
        bucket: await bucketOf(deployment),
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId },
            bucketKeyEnabled: true,
          },
        ],
      };
    },
    update: { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    replace: { bucket: "another-bucket" },
    remains: "S3 returns to its own encryption",
  },
  {
    type: "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    program: async (deployment) => {
      const enabled = { versioningConfiguration: { status: "Enabled" } };
      const bucket = await bucketOf(deployment);
      await deployment.create("aws:s3/bucketVersioning:BucketVersioning", "source", { bucket, ...enabled });
      const copies = await deployment.create(BUCKET, "copies", { forceDestroy: true });
      await deployment.create("aws:s3/bucketVersioning:BucketVersioning", "copies", {
        bucket: copies.id,
        ...enabled,
      });
      const role = await deployment.create(ROLE, "copier", { assumeRolePolicy: trust("s3.amazonaws.com") });
      return {
        bucket,
        role: role.outs.arn,
        rules: [
          {
            id: "copies",
            status: "Enabled",
            filter: { prefix: "" },
            deleteMarkerReplication: { status: "Disabled" },
            sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } },
            destination: {
              bucket: copies.outs.arn,
              encryptionConfiguration: { replicaKmsKeyId: (await keyOf(deployment)).arn },
            },
          },
        ],
      };
    },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    program: async (deployment) => ({ bucket: await bucketOf(deployment), blockPublicAcls: true }),
    update: { blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      rule: { objectOwnership: "BucketOwnerEnforced" },
    }),
    update: { rule: { objectOwnership: "BucketOwnerPreferred" } },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment);
      return { bucket, policy: deny(`arn:aws:s3:::${bucket}/*`, "s3:*") };
    },
    update: { policy: deny("arn:aws:s3:::*/*", "s3:GetObject") },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      rules: [
        {
          id: "old-versions",
          status: "Enabled",
          noncurrentVersionExpiration: { noncurrentDays: 30, newerNoncurrentVersions: 3 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
        {
          id: "cold",
          status: "Enabled",
          filter: { prefix: "backups/" },
          transitions: [{ days: 30, storageClass: "GLACIER_IR" }],
          noncurrentVersionTransitions: [{ noncurrentDays: 30, storageClass: "STANDARD_IA" }],
          expiration: { days: 365 },
        },
      ],
    }),
    update: { rules: [{ id: "all", status: "Enabled", expiration: { days: 7 } }] },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    program: async (deployment) => ({
      bucket: await bucketOf(deployment),
      corsRules: [
        { allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://example.com"], maxAgeSeconds: 60 },
      ],
    }),
    update: { corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["*"], allowedHeaders: ["*"] }] },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketLogging:BucketLogging",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment);
      return {
        bucket,
        targetBucket: bucket,
        targetPrefix: "access/",
        targetObjectKeyFormat: { partitionedPrefix: { partitionDateSource: "EventTime" } },
      };
    },
    update: { targetPrefix: "requests/" },
    replace: { bucket: "another-bucket" },
  },
  {
    type: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    program: async (deployment) => {
      const bucket = await bucketOf(deployment, { objectLockEnabled: true });
      const versioning = "aws:s3/bucketVersioning:BucketVersioning";
      await deployment.create(versioning, "on", { bucket, versioningConfiguration: { status: "Enabled" } });
      return { bucket, rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } } };
    },
    update: { rule: { defaultRetention: { mode: "GOVERNANCE", days: 2 } } },
    replace: { bucket: "another-bucket" },
    remains: "S3 never switches object lock off",
  },
];
