// aws.s3.Bucket: the bucket itself. Versioning, encryption, policy and the like are resources of their own; the
// inline forms of them, deprecated since v4, are not supported.

import type { BucketLocationConstraint, S3 } from "@aws-sdk/client-s3";
import { resourceHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import { type AwsSession, DNS_SUFFIX, PARTITION } from "../session.ts";

/** Route 53 zones of the website endpoints (AWS General Reference, "Amazon S3 website endpoints"). */
const HOSTED_ZONES: Record<string, string> = {
  "ap-northeast-1": "Z2M4EHUR26P7ZW",
  "ap-northeast-2": "Z3W03O7B5YMIYP",
  "ap-south-1": "Z11RGJOFQNVJUP",
  "ap-southeast-1": "Z3O0J2DXBE1FTB",
  "ap-southeast-2": "Z1WCIGYICN2BYD",
  "ca-central-1": "Z1QDHH18159H29",
  "eu-central-1": "Z21DNDUVLTQW6Q",
  "eu-north-1": "Z3BAZG2TWCNX0D",
  "eu-west-1": "Z1BKCTXD74EZPE",
  "eu-west-2": "Z3GKZC51ZF0DB4",
  "eu-west-3": "Z3R1K369G5AVDG",
  "sa-east-1": "Z7KQH4QJS55SO",
  "us-east-1": "Z3AQBSTGFJSTF",
  "us-east-2": "Z2O1EMRO9K5GLX",
  "us-west-1": "Z2F56UZL2M1ACD",
  "us-west-2": "Z3BJ6K6RIION7M",
};

export const bucket = resourceHandler<AwsSession>()({
  inputs: {
    bucket: text({ replace: true, name: { maxLength: 63, lowercase: true } }),
    forceDestroy: flag({ default: false, kept: true }),
    objectLockEnabled: flag({ computed: true, replace: true }),
    ...regional,
    ...tagged,
  },
  outputs: {
    ...taggedOutputs,
    bucketDomainName: text(),
    bucketRegion: text(),
    bucketRegionalDomainName: text(),
    hostedZoneId: text(),
  },
  stables: ["arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName", "hostedZoneId"],

  identify: (desired) => desired.bucket,

  async observe(id, _known, session) {
    const s3 = await session.client("s3");
    const head = await unless(["NotFound", "NoSuchBucket"], s3.headBucket({ Bucket: id }));
    if (!head) return undefined;
    const region = head.BucketRegion ?? session.region;
    const tagging = await unless(["NoSuchTagSet"], s3.getBucketTagging({ Bucket: id }));
    const lock = await unless(
      ["ObjectLockConfigurationNotFoundError", "ObjectLockConfigurationNotFound"],
      s3.getObjectLockConfiguration({ Bucket: id }),
    );
    return {
      bucket: id,
      arn: `arn:${PARTITION}:s3:::${id}`,
      region,
      bucketRegion: region,
      bucketDomainName: `${id}.s3.${DNS_SUFFIX}`,
      bucketRegionalDomainName: `${id}.s3.${region}.${DNS_SUFFIX}`,
      hostedZoneId: HOSTED_ZONES[region],
      objectLockEnabled: lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled",
      ...tagOutputs(tagging?.TagSet),
    };
  },

  async create(desired, session) {
    const s3 = await session.client("s3");
    const LocationConstraint = session.region as BucketLocationConstraint;
    await s3.createBucket({
      Bucket: desired.bucket,
      ObjectLockEnabledForBucket: desired.objectLockEnabled,
      ...(session.region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint } }),
    });
    return desired.bucket;
  },

  async sync(id, desired, observed, session) {
    if (!tagChanges(observed.tags, desired.tags)) return;
    const s3 = await session.client("s3");
    const TagSet = tagList(desired.tags);
    if (TagSet.length > 0) await s3.putBucketTagging({ Bucket: id, Tagging: { TagSet } });
    else await s3.deleteBucketTagging({ Bucket: id });
  },

  async delete(id, known, session) {
    const s3 = await session.client("s3");
    if (known.forceDestroy && (await unless(["NotFound", "NoSuchBucket"], s3.headBucket({ Bucket: id })))) {
      await empty(s3, id);
    }
    await unless(["NoSuchBucket", "NotFound"], s3.deleteBucket({ Bucket: id }));
  },
});

/** Every version and delete marker goes, page by page. */
async function empty(s3: S3, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket, MaxKeys: 1000 });
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
    const [first] = Errors;
    if (first) {
      throw new Error(
        `bucket "${Bucket}": object "${first.Key}" cannot be deleted (${first.Code}); want an empty bucket`,
      );
    }
  }
}
