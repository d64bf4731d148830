// aws.elasticache.ParameterGroup: the engine's parameters, e.g. maxmemory-policy.

import type { ElastiCache, ParameterNameValue } from "@aws-sdk/client-elasticache";
import { resourceHandler } from "../../handler.ts";
import { object, set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { syncTags, tagsOf } from "./tags.ts";

const ABSENT = ["CacheParameterGroupNotFound", "CacheParameterGroupNotFoundFault"];
/** ElastiCache takes no more at once. */
const PARAMETERS_A_CALL = 20;

export const parameterGroup = resourceHandler<AwsSession>()({
  inputs: {
    description: text({ default: "Managed by Pulumi", replace: true }),
    family: text({ required: true, replace: true }),
    name: text({ replace: true, name: { maxLength: 255, lowercase: true } }),
    parameters: set(object({ name: text({ required: true }), value: text({ required: true }) })),
    ...regional,
    ...tagged,
  },
  outputs: taggedOutputs,
  stables: ["arn"],

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const elasticache = await session.client("elasticache");
    const found = await unless(
      ABSENT,
      elasticache.describeCacheParameterGroups({ CacheParameterGroupName: id }),
    );
    const [live] = found?.CacheParameterGroups ?? [];
    if (!live) return undefined;
    return {
      arn: live.ARN,
      description: live.Description,
      family: live.CacheParameterGroupFamily,
      name: live.CacheParameterGroupName,
      parameters: await changedParameters(elasticache, id),
      region: session.region,
      ...(await tagsOf(elasticache, live.ARN)),
    };
  },

  async create(desired, session) {
    const elasticache = await session.client("elasticache");
    await elasticache.createCacheParameterGroup({
      CacheParameterGroupFamily: desired.family,
      CacheParameterGroupName: desired.name,
      Description: desired.description,
      Tags: tagList(desired.tags),
    });
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const elasticache = await session.client("elasticache");
    const wanted = desired.parameters ?? [];
    const existing = observed.parameters ?? [];
    const reset = existing.filter(({ name }) => !wanted.some((one) => one.name === name));
    const change = wanted.filter(
      ({ name, value }) => !existing.some((one) => one.name === name && one.value === value),
    );
    for (const ParameterNameValues of batches(reset)) {
      await elasticache.resetCacheParameterGroup({ CacheParameterGroupName: id, ParameterNameValues });
    }
    for (const ParameterNameValues of batches(change)) {
      await elasticache.modifyCacheParameterGroup({ CacheParameterGroupName: id, ParameterNameValues });
    }
    await syncTags(elasticache, observed.arn, observed.tags, desired.tags);
  },

  async delete(id, _known, session) {
    const elasticache = await session.client("elasticache");
    await unless(ABSENT, elasticache.deleteCacheParameterGroup({ CacheParameterGroupName: id }));
  },
});

/** Only what somebody set: the rest are the engine's defaults. */
async function changedParameters(elasticache: ElastiCache, CacheParameterGroupName: string) {
  const changed: { name: string; value: string }[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await elasticache.describeCacheParameters({
      CacheParameterGroupName,
      Source: "user",
      Marker,
    });
    for (const { ParameterName: name, ParameterValue: value, Source } of page.Parameters ?? []) {
      if (name !== undefined && value !== undefined && Source === "user") changed.push({ name, value });
    }
    if (!page.Marker) return changed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    Marker = page.Marker;
  }
}

function batches(parameters: { name: string; value: string }[]): ParameterNameValue[][] {
  const all = parameters.map(({ name, value }) => ({ ParameterName: name, ParameterValue: value }));
  return Array.from({ length: Math.ceil(all.length / PARAMETERS_A_CALL) }, (_, index) =>
    all.slice(index * PARAMETERS_A_CALL, (index + 1) * PARAMETERS_A_CALL),
  );
}
