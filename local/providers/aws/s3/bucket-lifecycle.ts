// aws.s3.BucketLifecycleConfiguration: when objects and their old versions move or expire.

import type { LifecycleRule } from "@aws-sdk/client-s3";
import { list, text } from "../../schema.ts";
import { bucketSetting } from "./bucket-setting.ts";
import { fromRule, rule, toRule } from "./lifecycle-rule.ts";

const SMALL_OBJECTS = ["all_storage_classes_128K", "varies_by_storage_class"] as const;

export const bucketLifecycle = bucketSetting({
  inputs: {
    rules: list(rule),
    transitionDefaultMinimumObjectSize: text({ computed: true, oneOf: SMALL_OBJECTS }),
  },
  absent: ["NoSuchLifecycleConfiguration"],

  async get(s3, Bucket, known) {
    const { Rules, TransitionDefaultMinimumObjectSize } = await s3.getBucketLifecycleConfiguration({
      Bucket,
    });
    return (
      Rules && {
        rules: inOrderOf(known.rules, Rules).map(fromRule),
        transitionDefaultMinimumObjectSize: TransitionDefaultMinimumObjectSize ?? SMALL_OBJECTS[0],
      }
    );
  },

  put: (s3, Bucket, { rules = [], transitionDefaultMinimumObjectSize }) =>
    s3.putBucketLifecycleConfiguration({
      Bucket,
      LifecycleConfiguration: { Rules: rules.map(toRule) },
      TransitionDefaultMinimumObjectSize: transitionDefaultMinimumObjectSize,
    }),

  remove: (s3, Bucket) => s3.deleteBucketLifecycle({ Bucket }),
});

/** S3 keeps rules as a set: those that are known come in the program's order, the others last. */
function inOrderOf(known: { id: string }[] | undefined, rules: LifecycleRule[]): LifecycleRule[] {
  const place = ({ ID }: LifecycleRule) => {
    const index = (known ?? []).findIndex(({ id }) => id === ID);
    return index < 0 ? rules.length : index;
  };
  return rules.toSorted((a, b) => place(a) - place(b));
}
