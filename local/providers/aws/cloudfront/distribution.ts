// aws.cloudfront.Distribution. Origin groups, Lambda@Edge, field-level encryption, staging and mTLS are not supported.
// The emulator serves content and applies policies, but caches nothing.

import { randomUUID } from "node:crypto";
import type { CloudFront } from "@aws-sdk/client-cloudfront";
import { resourceHandler } from "../../handler.ts";
import { number, text } from "../../schema.ts";
import { waitFor } from "../../wait.ts";
import { unless } from "../absent.ts";
import { tagChanges, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { distributionInputs, fromConfig, toConfig } from "./distribution-config.ts";
import { ABSENT } from "./etag.ts";

/** The Route 53 zone of every distribution (CloudFront API reference). */
const HOSTED_ZONE = "Z2FDTNDATAQYW2";
const DEPLOYMENT_SECONDS = 1800;

export const distribution = resourceHandler<AwsSession>()({
  inputs: distributionInputs,
  outputs: {
    ...taggedOutputs,
    callerReference: text(),
    domainName: text(),
    etag: text(),
    hostedZoneId: text(),
    inProgressValidationBatches: number(),
    lastModifiedTime: text(),
    status: text(),
  },
  stables: ["arn", "callerReference", "domainName", "hostedZoneId"],

  async observe(id, _known, session) {
    const cloudfront = await session.client("cloudfront");
    const found = await unless(ABSENT, cloudfront.getDistribution({ Id: id }));
    const live = found?.Distribution;
    if (!live?.DistributionConfig) return undefined;
    const { Tags } = await cloudfront.listTagsForResource({ Resource: live.ARN });
    return {
      ...fromConfig(live.DistributionConfig),
      arn: live.ARN,
      callerReference: live.DistributionConfig.CallerReference,
      domainName: live.DomainName,
      etag: found?.ETag,
      hostedZoneId: HOSTED_ZONE,
      inProgressValidationBatches: live.InProgressInvalidationBatches ?? 0,
      lastModifiedTime: live.LastModifiedTime?.toISOString(),
      status: live.Status,
      ...tagOutputs(Tags?.Items),
    };
  },

  async create(desired, session) {
    const cloudfront = await session.client("cloudfront");
    const { Distribution } = await cloudfront.createDistributionWithTags({
      DistributionConfigWithTags: {
        DistributionConfig: toConfig(desired, randomUUID()),
        Tags: { Items: tagList(desired.tags) },
      },
    });
    const id = Distribution?.Id ?? "";
    if (desired.waitForDeployment) await deployed(cloudfront, id);
    return id;
  },

  async sync(id, desired, observed, session) {
    const cloudfront = await session.client("cloudfront");
    await cloudfront.updateDistribution({
      Id: id,
      IfMatch: observed.etag,
      DistributionConfig: toConfig(desired, observed.callerReference ?? ""),
    });
    const tags = tagChanges(observed.tags, desired.tags);
    const Resource = observed.arn;
    if (tags?.remove.length) await cloudfront.untagResource({ Resource, TagKeys: { Items: tags.remove } });
    if (tags?.set.length) await cloudfront.tagResource({ Resource, Tags: { Items: tags.set } });
    if (desired.waitForDeployment) await deployed(cloudfront, id);
  },

  async delete(id, known, session) {
    const cloudfront = await session.client("cloudfront");
    const IfMatch = await disabled(cloudfront, id);
    if (IfMatch === undefined || known.retainOnDelete) return;
    await unless(ABSENT, cloudfront.deleteDistribution({ Id: id, IfMatch }));
  },
});

async function deployed(cloudfront: CloudFront, Id: string): Promise<void> {
  await waitFor(`distribution "${Id}" deployed`, DEPLOYMENT_SECONDS, async () => {
    const { Distribution } = await cloudfront.getDistribution({ Id });
    return Distribution?.Status === "Deployed" ? true : undefined;
  });
}

/** CloudFront deletes only what is switched off everywhere. Answers the ETag; undefined when it is gone already. */
async function disabled(cloudfront: CloudFront, Id: string): Promise<string | undefined> {
  const found = await unless(ABSENT, cloudfront.getDistributionConfig({ Id }));
  if (!found?.DistributionConfig) return undefined;
  if (!found.DistributionConfig.Enabled) return found.ETag;
  const DistributionConfig = { ...found.DistributionConfig, Enabled: false };
  const { ETag } = await cloudfront.updateDistribution({ Id, IfMatch: found.ETag, DistributionConfig });
  await deployed(cloudfront, Id);
  return ETag;
}
