// aws.s3.BucketLifecycleConfiguration: when objects and their old versions move or expire.

import type { LifecycleRule } from "@aws-sdk/client-s3";
import { resourceHandler } from "../../handler.ts";
import { list, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { fromRule, rule, toRule } from "./lifecycle-rule.ts";
import { bucketOutputs, identify, NO_BUCKET, ofBucket } from "./of-bucket.ts";

const ABSENT = [...NO_BUCKET, "NoSuchLifecycleConfiguration"];
const SMALL_OBJECTS = ["all_storage_classes_128K", "varies_by_storage_class"] as const;

const inputs = {
  ...ofBucket,
  rules: list(rule),
  transitionDefaultMinimumObjectSize: text({ computed: true, oneOf: SMALL_OBJECTS }),
} as const;

export const bucketLifecycle = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},
  identify,

  async observe(id, known, session) {
    const s3 = await session.client("s3");
    const found = await unless(ABSENT, s3.getBucketLifecycleConfiguration({ Bucket: id }));
    if (!found?.Rules) return undefined;
    return {
      ...bucketOutputs(id, session),
      rules: inOrderOf(known.rules, found.Rules).map(fromRule),
      transitionDefaultMinimumObjectSize: found.TransitionDefaultMinimumObjectSize ?? SMALL_OBJECTS[0],
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.bucket;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const s3 = await session.client("s3");
    await unless(ABSENT, s3.deleteBucketLifecycle({ Bucket: id }));
  },
});

/** S3 keeps rules as a set: those that are known come in the program's order, the others last. */
function inOrderOf(known: { id: string }[] | undefined, rules: LifecycleRule[]): LifecycleRule[] {
  const place = ({ ID }: LifecycleRule) => {
    const index = (known ?? []).findIndex(({ id }) => id === ID);
    return index < 0 ? rules.length : index;
  };
  return rules.toSorted((a, b) => place(a) - place(b));
}

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const s3 = await session.client("s3");
  await s3.putBucketLifecycleConfiguration({
    Bucket: desired.bucket,
    LifecycleConfiguration: { Rules: (desired.rules ?? []).map(toRule) },
    TransitionDefaultMinimumObjectSize: desired.transitionDefaultMinimumObjectSize,
  });
}
