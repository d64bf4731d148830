// aws.s3.BucketServerSideEncryptionConfiguration: how objects are encrypted when the writer does not say.

import type { ServerSideEncryption } from "@aws-sdk/client-s3";
import { flag, object, set, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const ALGORITHMS = [
  "AES256",
  "aws:fsx",
  "aws:kms",
  "aws:kms:dsse",
  "aws:backup",
] as const satisfies ServerSideEncryption[];

export const bucketEncryption = bucketSetting({
  inputs: {
    rules: set(
      object({
        applyServerSideEncryptionByDefault: object({
          sseAlgorithm: text({ required: true, oneOf: ALGORITHMS }),
          kmsMasterKeyId: text(),
        }),
        bucketKeyEnabled: flag(),
      }),
      { required: true },
    ),
  },
  absent: ["ServerSideEncryptionConfigurationNotFoundError"],

  async get(s3, Bucket) {
    const { ServerSideEncryptionConfiguration } = await s3.getBucketEncryption({ Bucket });
    return (
      ServerSideEncryptionConfiguration?.Rules && {
        rules: ServerSideEncryptionConfiguration.Rules.map(
          ({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }) => ({
            applyServerSideEncryptionByDefault: {
              sseAlgorithm: byDefault?.SSEAlgorithm ?? "AES256",
              kmsMasterKeyId: byDefault?.KMSMasterKeyID,
            },
            bucketKeyEnabled: BucketKeyEnabled ?? false,
          }),
        ),
      }
    );
  },

  put: (s3, Bucket, { rules }) =>
    s3.putBucketEncryption({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
          ApplyServerSideEncryptionByDefault: byDefault && {
            SSEAlgorithm: byDefault.sseAlgorithm,
            KMSMasterKeyID: byDefault.kmsMasterKeyId,
          },
          BucketKeyEnabled: bucketKeyEnabled,
        })),
      },
    }),

  remove: (s3, Bucket) => s3.deleteBucketEncryption({ Bucket }),
});
