// aws.s3.BucketCorsConfiguration: which sites' scripts may use the bucket.

import { resourceHandler } from "../../handler.ts";
import { number, object, set, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [...NO_BUCKET, "NoSuchCORSConfiguration"];

const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"] as const;

const inputs = {
  ...ofBucket,
  corsRules: set(
    object({
      allowedHeaders: set(text()),
      allowedMethods: set(text({ oneOf: METHODS }), { required: true }),
      allowedOrigins: set(text(), { required: true }),
      exposeHeaders: set(text()),
      id: text(),
      maxAgeSeconds: number({ minimum: 0 }),
    }),
    { required: true },
  ),
} as const;

export const bucketCors = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getBucketCors({ Bucket: id }));
    if (!found?.CORSRules) return undefined;
    return {
      ...bucketOutputs(id, session),
      corsRules: found.CORSRules.map((rule) => ({
        allowedHeaders: rule.AllowedHeaders,
        allowedMethods: METHODS.filter((method) => rule.AllowedMethods?.includes(method)),
        allowedOrigins: rule.AllowedOrigins ?? [],
        exposeHeaders: rule.ExposeHeaders,
        id: rule.ID,
        maxAgeSeconds: rule.MaxAgeSeconds,
      })),
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deleteBucketCors({ Bucket: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  const CORSRules = desired.corsRules.map((rule) => ({
    AllowedHeaders: rule.allowedHeaders,
    AllowedMethods: rule.allowedMethods,
    AllowedOrigins: rule.allowedOrigins,
    ExposeHeaders: rule.exposeHeaders,
    ID: rule.id,
    MaxAgeSeconds: rule.maxAgeSeconds,
  }));
  await s3.putBucketCors({ Bucket: desired.bucket, CORSConfiguration: { CORSRules } });
}
