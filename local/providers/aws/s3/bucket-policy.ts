// aws.s3.BucketPolicy.

import { resourceHandler } from "../../handler.ts";
import { policy } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [...NO_BUCKET, "NoSuchBucketPolicy"];

export const bucketPolicy = resourceHandler<AwsSession>()({
  inputs: { ...ofBucket, policy: policy({ required: true }) },
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getBucketPolicy({ Bucket: id }));
    return found?.Policy ? { ...bucketOutputs(id, session), policy: found.Policy } : undefined;
  },

  async create(desired, session) {
    await put(desired.bucket, desired.policy, session);
    return desired.bucket;
  },

  sync: (id, desired, _observed, session) => put(id, desired.policy, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deleteBucketPolicy({ Bucket: id }));
  },
});

async function put(Bucket: string, Policy: string, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  await s3.putBucketPolicy({ Bucket, Policy });
}
