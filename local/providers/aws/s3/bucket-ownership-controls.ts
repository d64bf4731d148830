// aws.s3.BucketOwnershipControls: who owns objects that others write.

import { object, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] as const;

export const bucketOwnershipControls = bucketSetting({
  inputs: {
    rule: object({ objectOwnership: text({ required: true, oneOf: OWNERSHIPS }) }, { required: true }),
  },
  absent: ["OwnershipControlsNotFoundError"],

  async get(s3, Bucket) {
    const { OwnershipControls } = await s3.getBucketOwnershipControls({ Bucket });
    const objectOwnership = OwnershipControls?.Rules?.[0]?.ObjectOwnership;
    return objectOwnership && { rule: { objectOwnership } };
  },

  put: (s3, Bucket, { rule }) =>
    s3.putBucketOwnershipControls({
      Bucket,
      OwnershipControls: { Rules: [{ ObjectOwnership: rule.objectOwnership }] },
    }),

  remove: (s3, Bucket) => s3.deleteBucketOwnershipControls({ Bucket }),
});
