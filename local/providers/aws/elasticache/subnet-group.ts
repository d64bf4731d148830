// aws.elasticache.SubnetGroup.

import { resourceHandler } from "../../handler.ts";
import { set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { syncTags, tagsOf } from "./tags.ts";

const ABSENT = ["CacheSubnetGroupNotFoundFault"];

export const subnetGroup = resourceHandler<AwsSession>()({
  inputs: {
    description: text({ default: "Managed by Pulumi" }),
    name: text({ replace: true, name: { maxLength: 255, lowercase: true } }),
    subnetIds: set(text(), { required: true }),
    ...regional,
    ...tagged,
  },
  outputs: { ...taggedOutputs, vpcId: text() },
  stables: ["arn"],

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const elasticache = await session.client("elasticache");
    const found = await unless(ABSENT, elasticache.describeCacheSubnetGroups({ CacheSubnetGroupName: id }));
    const [live] = found?.CacheSubnetGroups ?? [];
    if (!live) return undefined;
    return {
      arn: live.ARN,
      description: live.CacheSubnetGroupDescription,
      name: live.CacheSubnetGroupName,
      region: session.region,
      subnetIds: (live.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? []),
      vpcId: live.VpcId,
      ...(await tagsOf(elasticache, live.ARN)),
    };
  },

  async create(desired, session) {
    const elasticache = await session.client("elasticache");
    await elasticache.createCacheSubnetGroup({
      CacheSubnetGroupDescription: desired.description,
      CacheSubnetGroupName: desired.name,
      SubnetIds: desired.subnetIds,
      Tags: tagList(desired.tags),
    });
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const elasticache = await session.client("elasticache");
    await elasticache.modifyCacheSubnetGroup({
      CacheSubnetGroupDescription: desired.description,
      CacheSubnetGroupName: id,
      SubnetIds: desired.subnetIds,
    });
    await syncTags(elasticache, observed.arn, observed.tags, desired.tags);
  },

  async delete(id, _known, session) {
    const elasticache = await session.client("elasticache");
    await unless(ABSENT, elasticache.deleteCacheSubnetGroup({ CacheSubnetGroupName: id }));
  },
});
