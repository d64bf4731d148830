// How the released system does, in figures: over the time after the release.
import { Watch } from "../checks/observation.ts";
import type { Stack } from "./stack.ts";

export function observation(stack: Stack): void {
  const { settings, estate, redis, sequence } = stack;
  if (!settings.observation) return;
  sequence.add(Watch, "observation", {
    ...settings.observation,
    system: settings.system.name,
    stack: settings.stack,
    release: settings.release?.version,
    since: sequence.times(["migration", "release", "site"]),
    databaseUrl: estate.database?.migratorUrl,
    redisUrl: redis.url,
    redisCaFile: redis.caFile,
    bucket: estate.records?.bucketName,
  });
}
