// One look at what was provisioned.
import type { ProvisionedInputs } from "../provisioned.ts";
import { type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { judgeAccess } from "./access.ts";
import { judgeCache, lookAtCache } from "./cache.ts";
import { judgeDatabase, lookAtDatabase } from "./database.ts";
import {
  judgeEncryption,
  lookAtBuckets,
  lookAtLogGroups,
  lookAtSecrets,
  regionOf,
  type Seen,
} from "./encryption.ts";

type Look = (names: string[], signal: AbortSignal) => Promise<Seen[]>;

export async function runProvisioned(
  given: ProvisionedInputs,
  { log, signal }: StepContext,
): Promise<Finding> {
  const observations: Observation[] = [];
  const places: { name: string; region: string }[] = [];
  if (given.cache) {
    const seen = await lookAtCache(given.cache, signal);
    observations.push(...judgeCache(given.cache, seen));
    places.push({ name: given.cache.groupId, region: regionOf(seen.group?.ARN ?? "") });
  }
  const { databaseInstance } = given;
  const instance =
    databaseInstance === undefined ? undefined : await lookAtDatabase(databaseInstance, signal);
  observations.push(...judgeDatabase(databaseInstance, instance, new Date()));
  if (instance !== undefined && databaseInstance !== undefined)
    places.push({ name: databaseInstance, region: regionOf(instance.DBInstanceArn ?? "") });
  const kinds: [what: string, wanted: { name: string; keyArn: string }[], look: Look][] = [
    ["buckets", given.buckets, lookAtBuckets],
    ["logs", given.logGroups, lookAtLogGroups],
    ["secrets", given.secrets, lookAtSecrets],
  ];
  for (const [what, wanted, look] of kinds) {
    if (wanted.length === 0) continue;
    const seen = await look(
      wanted.map(({ name }) => name),
      signal,
    );
    observations.push(judgeEncryption(what, wanted, seen));
    places.push(...seen, ...wanted.map(({ keyArn }) => ({ name: keyArn, region: regionOf(keyArn) })));
  }
  if (given.access) observations.push(await judgeAccess(given.access, signal));
  observations.push(judgeRegions(given.regions, places));
  const bad = observations.filter(({ result }) => result === "failed" || result === "inconclusive");
  log(`${observations.length - bad.length} of ${observations.length} as asked for`);
  return { observations, facts: { regions: [...new Set(places.map(({ region }) => region))].sort() } };
}

/** Observation `regions`. */
export function judgeRegions(
  regions: readonly string[],
  places: readonly { name: string; region: string }[],
): Observation {
  const known = [...new Map(places.map((place) => [place.name, place])).values()];
  const outside = known.filter(({ region }) => !regions.includes(region));
  return observe(
    "regions",
    outside.length === 0 && known.length > 0,
    `everything in ${regions.join(", ")}`,
    outside.length === 0
      ? `${known.length} resources in ${[...new Set(known.map(({ region }) => region))].join(", ")}`
      : outside.map(({ name, region }) => `${name} in ${region || "no region"}`).join("; "),
  );
}
