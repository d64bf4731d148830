// aws.s3.BucketOwnershipControls: who owns objects that others write.

import { resourceHandler } from "../../handler.ts";
import { object, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [...NO_BUCKET, "OwnershipControlsNotFoundError"];
const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] as const;

const inputs = {
  ...ofBucket,
  rule: object({ objectOwnership: text({ required: true, oneOf: OWNERSHIPS }) }, { required: true }),
} as const;

export const bucketOwnershipControls = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getBucketOwnershipControls({ Bucket: id }));
    const objectOwnership = found?.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
    return objectOwnership && { ...bucketOutputs(id, session), rule: { objectOwnership } };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deleteBucketOwnershipControls({ Bucket: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  await s3.putBucketOwnershipControls({
    Bucket: desired.bucket,
    OwnershipControls: { Rules: [{ ObjectOwnership: desired.rule.objectOwnership }] },
  });
}
