// aws.s3.BucketObjectLockConfiguration: how long objects cannot be overwritten. S3 never switches object lock off:
// deleting removes the default retention only.

import { number, object, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

export const bucketObjectLock = bucketSetting({
  inputs: {
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
  },
  absent: ["ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound", "InvalidBucketState"],

  async get(s3, Bucket) {
    const { ObjectLockConfiguration: lock } = await s3.getObjectLockConfiguration({ Bucket });
    if (lock?.ObjectLockEnabled !== "Enabled") return undefined;
    const retention = lock.Rule?.DefaultRetention;
    return {
      objectLockEnabled: lock.ObjectLockEnabled,
      rule: retention?.Mode && {
        defaultRetention: { mode: retention.Mode, days: retention.Days, years: retention.Years },
      },
    };
  },

  put(s3, Bucket, { objectLockEnabled, rule }) {
    const retention = rule?.defaultRetention;
    const Rule = retention && {
      DefaultRetention: { Mode: retention.mode, Days: retention.days, Years: retention.years },
    };
    return s3.putObjectLockConfiguration({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: objectLockEnabled, Rule },
    });
  },

  remove: (s3, Bucket) =>
    s3.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }),
});
