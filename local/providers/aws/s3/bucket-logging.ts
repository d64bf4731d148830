// aws.s3.BucketLogging: server access logs into another bucket. Target grants (ACLs) are not supported.

import { resourceHandler } from "../../handler.ts";
import { object, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const DATE_SOURCES = ["EventTime", "DeliveryTime"] as const;

const inputs = {
  ...ofBucket,
  targetBucket: text({ required: true }),
  targetPrefix: text({ required: true }),
  targetObjectKeyFormat: object({
    partitionedPrefix: object({ partitionDateSource: text({ required: true, oneOf: DATE_SOURCES }) }),
  }),
} as const;

export const bucketLogging = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(NO_BUCKET, s3.getBucketLogging({ Bucket: id }));
    const logging = found?.LoggingEnabled;
    if (!logging) return undefined;
    const partitionDateSource = logging.TargetObjectKeyFormat?.PartitionedPrefix?.PartitionDateSource;
    return {
      ...bucketOutputs(id, session),
      targetBucket: logging.TargetBucket,
      targetPrefix: logging.TargetPrefix ?? "",
      targetObjectKeyFormat: partitionDateSource && { partitionedPrefix: { partitionDateSource } },
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(NO_BUCKET, s3.putBucketLogging({ Bucket: id, BucketLoggingStatus: {} }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  const source = desired.targetObjectKeyFormat?.partitionedPrefix?.partitionDateSource;
  await s3.putBucketLogging({
    Bucket: desired.bucket,
    BucketLoggingStatus: {
      LoggingEnabled: {
        TargetBucket: desired.targetBucket,
        TargetPrefix: desired.targetPrefix,
        TargetObjectKeyFormat: source && { PartitionedPrefix: { PartitionDateSource: source } },
      },
    },
  });
}
