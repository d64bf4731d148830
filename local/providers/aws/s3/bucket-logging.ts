// aws.s3.BucketLogging: server access logs into another bucket. Target grants (ACLs) are not supported.

import { object, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const DATE_SOURCES = ["EventTime", "DeliveryTime"] as const;

export const bucketLogging = bucketSetting({
  inputs: {
    targetBucket: text({ required: true }),
    targetPrefix: text({ required: true }),
    targetObjectKeyFormat: object({
      partitionedPrefix: object({ partitionDateSource: text({ required: true, oneOf: DATE_SOURCES }) }),
    }),
  },

  async get(s3, Bucket) {
    const { LoggingEnabled: logging } = await s3.getBucketLogging({ Bucket });
    const partitionDateSource = logging?.TargetObjectKeyFormat?.PartitionedPrefix?.PartitionDateSource;
    return (
      logging && {
        targetBucket: logging.TargetBucket,
        targetPrefix: logging.TargetPrefix ?? "",
        targetObjectKeyFormat: partitionDateSource && { partitionedPrefix: { partitionDateSource } },
      }
    );
  },

  put(s3, Bucket, { targetBucket, targetPrefix, targetObjectKeyFormat }) {
    const source = targetObjectKeyFormat?.partitionedPrefix?.partitionDateSource;
    return s3.putBucketLogging({
      Bucket,
      BucketLoggingStatus: {
        LoggingEnabled: {
          TargetBucket: targetBucket,
          TargetPrefix: targetPrefix,
          TargetObjectKeyFormat: source && { PartitionedPrefix: { PartitionDateSource: source } },
        },
      },
    });
  },

  remove: (s3, Bucket) => s3.putBucketLogging({ Bucket, BucketLoggingStatus: {} }),
});
