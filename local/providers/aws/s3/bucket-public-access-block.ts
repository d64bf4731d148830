// aws.s3.BucketPublicAccessBlock: the four switches against public buckets.

import { flag } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

export const bucketPublicAccessBlock = bucketSetting({
  inputs: {
    blockPublicAcls: flag({ default: false }),
    blockPublicPolicy: flag({ default: false }),
    ignorePublicAcls: flag({ default: false }),
    restrictPublicBuckets: flag({ default: false }),
    skipDestroy: flag({ kept: true }),
  },
  absent: ["NoSuchPublicAccessBlockConfiguration"],

  async get(s3, Bucket) {
    const { PublicAccessBlockConfiguration: block } = await s3.getPublicAccessBlock({ Bucket });
    return (
      block && {
        blockPublicAcls: block.BlockPublicAcls ?? false,
        blockPublicPolicy: block.BlockPublicPolicy ?? false,
        ignorePublicAcls: block.IgnorePublicAcls ?? false,
        restrictPublicBuckets: block.RestrictPublicBuckets ?? false,
      }
    );
  },

  put: (s3, Bucket, desired) =>
    s3.putPublicAccessBlock({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: desired.blockPublicAcls,
        BlockPublicPolicy: desired.blockPublicPolicy,
        IgnorePublicAcls: desired.ignorePublicAcls,
        RestrictPublicBuckets: desired.restrictPublicBuckets,
      },
    }),

  async remove(s3, Bucket, { skipDestroy }) {
    if (!skipDestroy) await s3.deletePublicAccessBlock({ Bucket });
  },
});
