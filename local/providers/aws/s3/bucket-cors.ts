// aws.s3.BucketCorsConfiguration: which sites' scripts may use the bucket.

import { number, object, set, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";

const METHODS = ["GET", "PUT", "POST", "DELETE", "HEAD"] as const;

export const bucketCors = bucketSetting({
  inputs: {
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
  },
  absent: ["NoSuchCORSConfiguration"],

  async get(s3, Bucket) {
    const { CORSRules } = await s3.getBucketCors({ Bucket });
    if (!CORSRules) return undefined;
    return {
      corsRules: CORSRules.map((rule) => ({
        allowedHeaders: rule.AllowedHeaders,
        allowedMethods: METHODS.filter((method) => rule.AllowedMethods?.includes(method)),
        allowedOrigins: rule.AllowedOrigins ?? [],
        exposeHeaders: rule.ExposeHeaders,
        id: rule.ID,
        maxAgeSeconds: rule.MaxAgeSeconds,
      })),
    };
  },

  put: (s3, Bucket, { corsRules }) =>
    s3.putBucketCors({
      Bucket,
      CORSConfiguration: {
        CORSRules: corsRules.map((rule) => ({
          AllowedHeaders: rule.allowedHeaders,
          AllowedMethods: rule.allowedMethods,
          AllowedOrigins: rule.allowedOrigins,
          ExposeHeaders: rule.exposeHeaders,
          ID: rule.id,
          MaxAgeSeconds: rule.maxAgeSeconds,
        })),
      },
    }),

  remove: (s3, Bucket) => s3.deleteBucketCors({ Bucket }),
});
