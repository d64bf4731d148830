// aws.route53.Record: plain and alias records. Routing policies are not supported.

import type { ResourceRecordSet, Route53 } from "@aws-sdk/client-route-53";
import { resourceHandler } from "../../handler.ts";
import { flag, list, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["NoSuchHostedZone"];
const TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "TXT"] as const;

const inputs = {
  zoneId: text({ required: true, replace: true }),
  name: text({ required: true, replace: true }),
  type: text({ required: true, replace: true, oneOf: TYPES }),
  ttl: number({ minimum: 0 }),
  records: set(text()),
  aliases: list(
    object({
      evaluateTargetHealth: flag({ required: true }),
      name: text({ required: true }),
      zoneId: text({ required: true }),
    }),
  ),
  allowOverwrite: flag({ computed: true, kept: true }),
} as const;

type Desired = ValuesOf<typeof inputs>;

export const record = resourceHandler<AwsSession>()({
  inputs,
  outputs: { fqdn: text() },
  stables: ["fqdn"],

  identify: ({ zoneId, name, type }) => `${zoneId}_${undotted(name)}_${type}`,

  async observe(id, known, session) {
    const { zoneId, name, type } = partsOf(id);
    const found = await find(await session.client("route53"), zoneId, name, type);
    if (!found) return undefined;
    const { AliasTarget: alias } = found;
    return {
      zoneId,
      name: known.name ?? name,
      type,
      ttl: found.TTL,
      records: alias ? undefined : found.ResourceRecords?.map(({ Value }) => Value ?? ""),
      aliases:
        alias &&
        [alias].map(({ EvaluateTargetHealth, DNSName, HostedZoneId }) => ({
          evaluateTargetHealth: EvaluateTargetHealth ?? false,
          name: undotted(DNSName ?? ""),
          zoneId: HostedZoneId ?? "",
        })),
      fqdn: name,
    };
  },

  async create(desired, session) {
    await change("UPSERT", desired.zoneId, toSet(desired), session);
    return `${desired.zoneId}_${undotted(desired.name)}_${desired.type}`;
  },

  sync: (_id, desired, _observed, session) => change("UPSERT", desired.zoneId, toSet(desired), session),

  async delete(id, _known, session) {
    const { zoneId, name, type } = partsOf(id);
    const found = await find(await session.client("route53"), zoneId, name, type);
    if (found) await change("DELETE", zoneId, found, session);
  },
});

/** `ZONE_NAME_TYPE`; names may have underscores, zones have none. */
function partsOf(id: string): { zoneId: string; name: string; type: Desired["type"] } {
  const [, zoneId = "", name = "", found] = /^([^_]+)_(.+)_([A-Z]+)$/.exec(id) ?? [];
  const type = TYPES.find((one) => one === found);
  if (type === undefined) throw new Error(`record "${id}": no id of a record, want ZONE_NAME_TYPE`);
  return { zoneId, name, type };
}

async function find(route53: Route53, HostedZoneId: string, name: string, type: Desired["type"]) {
  const call = route53.listResourceRecordSets({
    HostedZoneId,
    StartRecordName: name,
    StartRecordType: type,
    MaxItems: 1,
  });
  const [first] = (await unless(ABSENT, call))?.ResourceRecordSets ?? [];
  return first && undotted(first.Name ?? "") === name && first.Type === type ? first : undefined;
}

async function change(
  Action: "UPSERT" | "DELETE",
  HostedZoneId: string,
  ResourceRecordSet: ResourceRecordSet,
  session: AwsSession,
): Promise<void> {
  const route53 = await session.client("route53");
  await route53.changeResourceRecordSets({
    HostedZoneId,
    ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
  });
}

function toSet({ name, type, ttl, records, aliases }: Desired): ResourceRecordSet {
  const alias = aliases?.[0];
  return {
    Name: name,
    Type: type,
    TTL: ttl,
    ResourceRecords: records?.map((Value) => ({ Value })),
    AliasTarget: alias && {
      DNSName: alias.name,
      EvaluateTargetHealth: alias.evaluateTargetHealth,
      HostedZoneId: alias.zoneId,
    },
  };
}

/** Route 53 ends names with a dot and writes a star as \052. */
function undotted(name: string): string {
  return name.replace(/\.$/, "").replace("\\052", "*");
}
