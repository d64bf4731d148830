// One rule of a lifecycle configuration: its table and its two spellings, Pulumi's and S3's.

import type { LifecycleRule, LifecycleRuleFilter, TransitionStorageClass } from "@aws-sdk/client-s3";
import { flag, map, number, object, set, text, type ValueOf } from "../../schema.ts";
import { tagList } from "../common.ts";

const STORAGE_CLASSES = [
  "DEEP_ARCHIVE",
  "GLACIER",
  "GLACIER_IR",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "STANDARD_IA",
] as const satisfies TransitionStorageClass[];

const storageClass = text({ required: true, oneOf: STORAGE_CLASSES });

const filter = object(
  {
    prefix: text(),
    tag: object({ key: text({ required: true }), value: text({ required: true }) }),
    objectSizeGreaterThan: number({ minimum: 0 }),
    objectSizeLessThan: number({ minimum: 1 }),
    and: object({
      prefix: text(),
      tags: map(),
      objectSizeGreaterThan: number({ minimum: 0 }),
      objectSizeLessThan: number({ minimum: 1 }),
    }),
  },
  { computed: true },
);

export const rule = object({
  id: text({ required: true }),
  status: text({ required: true, oneOf: ["Enabled", "Disabled"] }),
  filter,
  expiration: object({ days: number({ minimum: 1 }), date: text(), expiredObjectDeleteMarker: flag() }),
  noncurrentVersionExpiration: object({
    noncurrentDays: number({ required: true, minimum: 1 }),
    newerNoncurrentVersions: number({ minimum: 1 }),
  }),
  abortIncompleteMultipartUpload: object({ daysAfterInitiation: number({ required: true, minimum: 1 }) }),
  transitions: set(object({ days: number({ minimum: 0 }), date: text(), storageClass })),
  noncurrentVersionTransitions: set(
    object({
      noncurrentDays: number({ required: true, minimum: 0 }),
      newerNoncurrentVersions: number({ minimum: 1 }),
      storageClass,
    }),
  ),
});

type Rule = ValueOf<typeof rule>;

export function toRule(wanted: Rule): LifecycleRule {
  const { expiration, noncurrentVersionExpiration: old, abortIncompleteMultipartUpload: abort } = wanted;
  return {
    ID: wanted.id,
    Status: wanted.status,
    Filter: toFilter(wanted.filter),
    Expiration: expiration && {
      Days: expiration.days,
      Date: dateOf(expiration.date),
      ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker,
    },
    NoncurrentVersionExpiration: old && {
      NoncurrentDays: old.noncurrentDays,
      NewerNoncurrentVersions: old.newerNoncurrentVersions,
    },
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: abort.daysAfterInitiation },
    Transitions: wanted.transitions?.map((to) => ({
      Days: to.days,
      Date: dateOf(to.date),
      StorageClass: to.storageClass,
    })),
    NoncurrentVersionTransitions: wanted.noncurrentVersionTransitions?.map((to) => ({
      NoncurrentDays: to.noncurrentDays,
      NewerNoncurrentVersions: to.newerNoncurrentVersions,
      StorageClass: to.storageClass,
    })),
  };
}

/** Without a filter a rule is for every object, which S3 wants said as an empty prefix. */
function toFilter(wanted: Rule["filter"]): LifecycleRuleFilter {
  const { prefix, tag, and, objectSizeGreaterThan, objectSizeLessThan } = wanted ?? {};
  if (and) {
    return {
      And: {
        Prefix: and.prefix,
        Tags: and.tags && tagList(and.tags),
        ObjectSizeGreaterThan: and.objectSizeGreaterThan,
        ObjectSizeLessThan: and.objectSizeLessThan,
      },
    };
  }
  if (tag) return { Tag: { Key: tag.key, Value: tag.value } };
  if (objectSizeGreaterThan !== undefined) return { ObjectSizeGreaterThan: objectSizeGreaterThan };
  if (objectSizeLessThan !== undefined) return { ObjectSizeLessThan: objectSizeLessThan };
  return { Prefix: prefix ?? "" };
}

export function fromRule(found: LifecycleRule): Rule {
  const { Expiration, NoncurrentVersionExpiration: old, AbortIncompleteMultipartUpload: abort } = found;
  return {
    id: found.ID ?? "",
    status: found.Status ?? "Disabled",
    filter: fromFilter(found.Filter),
    expiration: Expiration && {
      days: Expiration.Days,
      date: Expiration.Date?.toISOString(),
      expiredObjectDeleteMarker: Expiration.ExpiredObjectDeleteMarker,
    },
    noncurrentVersionExpiration: old && {
      noncurrentDays: old.NoncurrentDays ?? 0,
      newerNoncurrentVersions: old.NewerNoncurrentVersions,
    },
    abortIncompleteMultipartUpload: abort && { daysAfterInitiation: abort.DaysAfterInitiation ?? 0 },
    transitions: found.Transitions?.map((to) => ({
      days: to.Days,
      date: to.Date?.toISOString(),
      storageClass: to.StorageClass ?? "STANDARD_IA",
    })),
    noncurrentVersionTransitions: found.NoncurrentVersionTransitions?.map((to) => ({
      noncurrentDays: to.NoncurrentDays ?? 0,
      newerNoncurrentVersions: to.NewerNoncurrentVersions,
      storageClass: to.StorageClass ?? "STANDARD_IA",
    })),
  };
}

function fromFilter(found: LifecycleRuleFilter | undefined): Rule["filter"] {
  if (!found) return undefined;
  const { And, Tag } = found;
  return {
    prefix: found.Prefix,
    tag: Tag && { key: Tag.Key ?? "", value: Tag.Value ?? "" },
    objectSizeGreaterThan: found.ObjectSizeGreaterThan,
    objectSizeLessThan: found.ObjectSizeLessThan,
    and: And && {
      prefix: And.Prefix,
      tags: And.Tags && Object.fromEntries(And.Tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""])),
      objectSizeGreaterThan: And.ObjectSizeGreaterThan,
      objectSizeLessThan: And.ObjectSizeLessThan,
    },
  };
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
