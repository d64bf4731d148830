// aws.s3.BucketPolicy.

import { policy } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

export const bucketPolicy = bucketSetting({
  inputs: { policy: policy({ required: true }) },
  absent: ["NoSuchBucketPolicy"],

  async get(s3, Bucket) {
    const { Policy } = await s3.getBucketPolicy({ Bucket });
    return Policy ? { policy: Policy } : undefined;
  },

  put: (s3, Bucket, desired) => s3.putBucketPolicy({ Bucket, Policy: desired.policy }),
  remove: (s3, Bucket) => s3.deleteBucketPolicy({ Bucket }),
});
