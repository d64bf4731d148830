// aws.s3.BucketPublicAccessBlock: the four switches against public buckets.

import { resourceHandler } from "../../handler.ts";
import { flag, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [...NO_BUCKET, "NoSuchPublicAccessBlockConfiguration"];

const inputs = {
  ...ofBucket,
  blockPublicAcls: flag({ default: false }),
  blockPublicPolicy: flag({ default: false }),
  ignorePublicAcls: flag({ default: false }),
  restrictPublicBuckets: flag({ default: false }),
  skipDestroy: flag({ kept: true }),
} as const;

export const bucketPublicAccessBlock = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getPublicAccessBlock({ Bucket: id }));
    const block = found?.PublicAccessBlockConfiguration;
    if (!block) return undefined;
    return {
      ...bucketOutputs(id, session),
      blockPublicAcls: block.BlockPublicAcls ?? false,
      blockPublicPolicy: block.BlockPublicPolicy ?? false,
      ignorePublicAcls: block.IgnorePublicAcls ?? false,
      restrictPublicBuckets: block.RestrictPublicBuckets ?? false,
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, known, session) {
    if (known.skipDestroy) return;
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deletePublicAccessBlock({ Bucket: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  await s3.putPublicAccessBlock({
    Bucket: desired.bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: desired.blockPublicAcls,
      BlockPublicPolicy: desired.blockPublicPolicy,
      IgnorePublicAcls: desired.ignorePublicAcls,
      RestrictPublicBuckets: desired.restrictPublicBuckets,
    },
  });
}
