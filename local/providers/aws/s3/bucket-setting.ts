// What the settings of a bucket have in common: each is a resource of its own whose id is the bucket's name, is written as a
// whole, and is gone with the bucket. A kind of setting says how S3 is asked, told and made to forget; the rest is here.

import type { S3 } from "@aws-sdk/client-s3";
import type { ResourceHandler } from "../../handler.ts";
import { type Properties, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ofBucket = { bucket: text({ required: true, replace: true }), ...regional } as const;

/** Errors with which S3 says that the bucket is gone. */
const NO_BUCKET = ["NoSuchBucket", "NotFound"];

/** One kind of setting. */
interface BucketSetting<I extends Properties> {
  /** Its properties beside the bucket. */
  inputs: I;
  /** Errors with which S3 says that the bucket has no such setting. */
  absent?: readonly string[];
  /** What the bucket has, if anything. */
  get(s3: S3, Bucket: string, known: Partial<ValuesOf<I>>): Promise<Partial<ValuesOf<I>> | undefined>;
  /** Makes it what is wanted. */
  put(s3: S3, Bucket: string, desired: ValuesOf<I>): Promise<unknown>;
  /** Takes it away, as far as S3 can. */
  remove(s3: S3, Bucket: string, known: Partial<ValuesOf<I>>): Promise<unknown>;
}

/** The handler of a kind of setting. */
export function bucketSetting<const I extends Properties>(
  kind: BucketSetting<I>,
): ResourceHandler<AwsSession> {
  const setting: BucketSetting<Properties> = kind;
  const absent = [...NO_BUCKET, ...(setting.absent ?? [])];
  const put = async (desired: ValuesOf<Properties>, session: AwsSession): Promise<string> => {
    const id = String(desired.bucket);
    await setting.put(await session.client("s3"), id, desired);
    return id;
  };
  return {
    inputs: { ...ofBucket, ...setting.inputs },
    outputs: {},
    identify: ({ bucket }) => String(bucket),

    async observe(id, known, session) {
      const found = await unless(absent, setting.get(await session.client("s3"), id, known));
      return found && { bucket: id, region: session.region, ...found };
    },

    create: put,

    async sync(_id, desired, _observed, session) {
      await put(desired, session);
    },

    async delete(id, known, session) {
      await unless(absent, setting.remove(await session.client("s3"), id, known));
    },
  };
}
