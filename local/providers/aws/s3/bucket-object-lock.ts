// aws.s3.BucketObjectLockConfiguration: how long objects cannot be overwritten. S3 never switches object lock off:
// deleting removes the default retention only.

import { resourceHandler } from "../../handler.ts";
import { number, object, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [
  ...NO_BUCKET,
  "ObjectLockConfigurationNotFoundError",
  "ObjectLockConfigurationNotFound",
  "InvalidBucketState",
];

const inputs = {
  ...ofBucket,
  objectLockEnabled: text({ default: "Enabled", oneOf: ["Enabled"], replace: true }),
  rule: object({
    defaultRetention: object(
      {
        mode: text({ required: true, oneOf: ["GOVERNANCE", "COMPLIANCE"] }),
        days: number({ minimum: 1 }),
        years: number({ minimum: 1 }),
      },
      { required: true },
    ),
  }),
} as const;

export const bucketObjectLock = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getObjectLockConfiguration({ Bucket: id }));
    const lock = found?.ObjectLockConfiguration;
    if (lock?.ObjectLockEnabled !== "Enabled") return undefined;
    const retention = lock.Rule?.DefaultRetention;
    return {
      ...bucketOutputs(id, session),
      objectLockEnabled: lock.ObjectLockEnabled,
      rule: retention?.Mode && {
        defaultRetention: { mode: retention.Mode, days: retention.Days, years: retention.Years },
      },
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled" as const };
    await unless(ABSENT, s3.putObjectLockConfiguration({ Bucket: id, ObjectLockConfiguration }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  const retention = desired.rule?.defaultRetention;
  await s3.putObjectLockConfiguration({
    Bucket: desired.bucket,
    ObjectLockConfiguration: {
      ObjectLockEnabled: desired.objectLockEnabled,
      Rule: retention && {
        DefaultRetention: { Mode: retention.mode, Days: retention.days, Years: retention.years },
      },
    },
  });
}
