// What the settings of a bucket have in common: each is a resource whose id is the bucket's name.

import { text } from "../../schema.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

export const ofBucket = { bucket: text({ required: true, replace: true }), ...regional } as const;

export const identify = (desired: { bucket: string }): string => desired.bucket;

/** The outputs every such resource has. */
export function bucketOutputs(id: string, session: AwsSession): { bucket: string; region: string } {
  return { bucket: id, region: session.region };
}

/** Errors with which S3 says that the bucket is gone. */
export const NO_BUCKET = ["NoSuchBucket", "NotFound"];
