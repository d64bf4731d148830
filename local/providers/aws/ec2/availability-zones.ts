// aws.getAvailabilityZones.

import { invokeHandler } from "../../handler.ts";
import { flag, list, text } from "../../schema.ts";
import type { AwsSession } from "../session.ts";
import { filters, offline, toFilters } from "./filters.ts";

export const availabilityZones = invokeHandler<AwsSession>()({
  inputs: {
    allAvailabilityZones: flag(),
    excludeNames: list(text()),
    excludeZoneIds: list(text()),
    filters,
    region: text(),
    state: text(),
  },
  async run(args, session) {
    if (offline(session)) return { outputs: {}, unknown: true };
    const ec2 = await session.client("ec2");
    const { AvailabilityZones = [] } = await ec2.describeAvailabilityZones({
      AllAvailabilityZones: args.allAvailabilityZones,
      Filters: toFilters(args, { state: args.state }),
    });
    const zones = AvailabilityZones.filter(
      ({ ZoneName = "", ZoneId = "" }) =>
        !args.excludeNames?.includes(ZoneName) && !args.excludeZoneIds?.includes(ZoneId),
    ).toSorted((a, b) => ((a.ZoneName ?? "") < (b.ZoneName ?? "") ? -1 : 1));
    const { region } = session;
    return {
      outputs: {
        ...args,
        id: region,
        region,
        names: zones.flatMap(({ ZoneName }) => ZoneName ?? []),
        zoneIds: zones.flatMap(({ ZoneId }) => ZoneId ?? []),
        groupNames: [...new Set(zones.flatMap(({ GroupName }) => GroupName ?? []))],
      },
    };
  },
});
