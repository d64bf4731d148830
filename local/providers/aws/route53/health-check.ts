// aws.route53.HealthCheck of one HTTP, HTTPS or TCP endpoint. The emulator keeps it but probes nothing.

import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { resourceHandler } from "../../handler.ts";
import { flag, number, set, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";

const ABSENT = ["NoSuchHealthCheck"];
const TYPES = ["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP"] as const;

const inputs = {
  enableSni: flag({ computed: true }),
  failureThreshold: number({ computed: true, minimum: 1, maximum: 10 }),
  fqdn: text({ required: true }),
  measureLatency: flag({ default: false, replace: true }),
  port: number({ computed: true, minimum: 1, maximum: 65535 }),
  regions: set(text()),
  requestInterval: number({ required: true, replace: true, minimum: 10, maximum: 30 }),
  resourcePath: text(),
  searchString: text(),
  type: text({ required: true, replace: true, oneOf: TYPES }),
  ...tagged,
} as const;

export const healthCheck = resourceHandler<AwsSession>()({
  inputs,
  outputs: taggedOutputs,
  stables: ["arn"],

  async observe(id, _known, session) {
    const route53 = await session.client("route53");
    const found = await unless(ABSENT, route53.getHealthCheck({ HealthCheckId: id }));
    const live = found?.HealthCheck?.HealthCheckConfig;
    if (!live) return undefined;
    const tags = await route53.listTagsForResource({ ResourceType: "healthcheck", ResourceId: id });
    return {
      arn: `arn:${PARTITION}:route53:::healthcheck/${id}`,
      enableSni: live.EnableSNI,
      failureThreshold: live.FailureThreshold,
      fqdn: live.FullyQualifiedDomainName,
      measureLatency: live.MeasureLatency ?? false,
      port: live.Port,
      regions: live.Regions?.length ? live.Regions : undefined,
      requestInterval: live.RequestInterval,
      resourcePath: live.ResourcePath,
      searchString: live.SearchString,
      type: TYPES.find((type) => type === live.Type),
      ...tagOutputs(tags.ResourceTagSet?.Tags),
    };
  },

  async create(desired, session) {
    const route53 = await session.client("route53");
    const made = await route53.createHealthCheck({
      CallerReference: crypto.randomUUID(),
      HealthCheckConfig: {
        ...changeable(desired),
        Type: desired.type,
        RequestInterval: desired.requestInterval,
        MeasureLatency: desired.measureLatency,
      },
    });
    const id = made.HealthCheck?.Id ?? "";
    const AddTags = tagList(desired.tags);
    if (AddTags.length > 0)
      await route53.changeTagsForResource({ ResourceType: "healthcheck", ResourceId: id, AddTags });
    return id;
  },

  async sync(id, desired, observed, session) {
    const route53 = await session.client("route53");
    await route53.updateHealthCheck({ HealthCheckId: id, ...changeable(desired) });
    const changes = tagChanges(observed.tags, desired.tags);
    if (!changes) return;
    await route53.changeTagsForResource({
      ResourceType: "healthcheck",
      ResourceId: id,
      AddTags: changes.set.length > 0 ? changes.set : undefined,
      RemoveTagKeys: changes.remove.length > 0 ? changes.remove : undefined,
    });
  },

  async delete(id, _known, session) {
    const route53 = await session.client("route53");
    await unless(ABSENT, route53.deleteHealthCheck({ HealthCheckId: id }));
  },
});

function changeable(desired: ValuesOf<typeof inputs>): Omit<
  HealthCheckConfig,
  "Type" | "RequestInterval" | "Regions"
> & {
  Regions?: HealthCheckConfig["Regions"];
} {
  return {
    EnableSNI: desired.enableSni,
    FailureThreshold: desired.failureThreshold,
    FullyQualifiedDomainName: desired.fqdn,
    Port: desired.port,
    ResourcePath: desired.resourcePath,
    SearchString: desired.searchString,
  };
}
