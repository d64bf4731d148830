// aws.s3.BucketServerSideEncryptionConfiguration: how objects are encrypted when the writer does not say.

import type { ServerSideEncryption } from "@aws-sdk/client-s3";
import { resourceHandler } from "../../handler.ts";
import { flag, object, set, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ALGORITHMS = [
  "AES256",
  "aws:fsx",
  "aws:kms",
  "aws:kms:dsse",
  "aws:backup",
] as const satisfies ServerSideEncryption[];
const ABSENT = [...NO_BUCKET, "ServerSideEncryptionConfigurationNotFoundError"];

const inputs = {
  ...ofBucket,
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
} as const;

export const bucketEncryption = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getBucketEncryption({ Bucket: id }));
    const rules = found?.ServerSideEncryptionConfiguration?.Rules;
    if (!rules) return undefined;
    return {
      ...bucketOutputs(id, session),
      rules: rules.map(({ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled }) => ({
        applyServerSideEncryptionByDefault: {
          sseAlgorithm: byDefault?.SSEAlgorithm ?? "AES256",
          kmsMasterKeyId: byDefault?.KMSMasterKeyID,
        },
        bucketKeyEnabled: BucketKeyEnabled ?? false,
      })),
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deleteBucketEncryption({ Bucket: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  const Rules = desired.rules.map(({ applyServerSideEncryptionByDefault: byDefault, bucketKeyEnabled }) => ({
    ApplyServerSideEncryptionByDefault: byDefault && {
      SSEAlgorithm: byDefault.sseAlgorithm,
      KMSMasterKeyID: byDefault.kmsMasterKeyId,
    },
    BucketKeyEnabled: bucketKeyEnabled,
  }));
  await s3.putBucketEncryption({ Bucket: desired.bucket, ServerSideEncryptionConfiguration: { Rules } });
}
