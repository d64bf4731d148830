// What the region of a stack must be, and what sections ask of it.
import { PROBE_REGION } from "../probe-region.ts";
import type { Fault } from "./faults.ts";
import type { Parsed } from "./relations.ts";

/** Regions whose ARNs and addresses are others: China, GovCloud, Europe's sovereign one, and those without internet. */
const OTHER_PARTITION = /^(cn|eusc|(us|eu)-iso[a-z]*|us-gov)-/;

/** Faults of the region, and of sections that cannot be in it. */
export function regionFaults(region: string | undefined, { probes, backup, network }: Parsed): Fault[] {
  const path = ["aws:region"];
  if (region === undefined || !/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region))
    return [
      {
        path,
        found: region ?? "nothing",
        want: "an AWS region",
        next: "write, for example, us-east-1",
      },
    ];
  const faults: Fault[] = [];
  if (OTHER_PARTITION.test(region))
    faults.push({
      path,
      found: region,
      want: "a region of AWS's standard partition, since policies name its ARNs (arn:aws:)",
      next: "write, for example, us-east-1",
    });
  if (probes !== undefined && region !== PROBE_REGION)
    faults.push({
      path: ["greenlight:probes"],
      found: `the region ${region}`,
      want: `${PROBE_REGION}, the only one in which Route 53 tells of its probes`,
      next: "move the section to a stack of that region, or watch with the alarm rule endpoint",
    });
  if (backup?.replicaRegion === region)
    faults.push({
      path: ["greenlight:backup", "replicaRegion"],
      found: region,
      want: "another region than that of the stack, with which copies would be lost too",
      next: "write the region that the copies are for, or remove it",
    });
  else if (OTHER_PARTITION.test(backup?.replicaRegion ?? ""))
    faults.push({
      path: ["greenlight:backup", "replicaRegion"],
      found: String(backup?.replicaRegion),
      want: "a region of AWS's standard partition, as S3 copies into no other one",
      next: "write, for example, eu-central-1",
    });
  for (const [index, zone] of (network?.availabilityZones ?? []).entries())
    if (zone.slice(0, -1) !== region)
      faults.push({
        path: ["greenlight:network", "availabilityZones", index],
        found: zone,
        want: `a zone of the stack's region, such as ${region}a`,
        next: "correct it, or aws:region",
      });
  return faults;
}
