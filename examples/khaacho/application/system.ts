// Everything the application's parts share: opened once at the start, closed in the reverse order.

import { openCache } from "../../parts/cache.ts";
import type { Core, Identity } from "../../parts/core.ts";
import { openDatabase, service } from "../../parts/database.ts";
import { createBaseMetrics } from "../../parts/metrics.ts";
import type { Faults } from "./faults.ts";
import { type Jobs, openJobs } from "./jobs.ts";
import { openLogs } from "./log.ts";
import type { Settings } from "./settings.ts";

export interface System extends Core<Faults> {
  settings: Settings;
  jobs: Jobs;
}

/** @throws when the database or Redis does not answer: a process that cannot work must not report itself ready. */
export async function openSystem(
  settings: Settings,
  faults: Faults,
  identity: Identity,
  logFolder: string,
): Promise<System> {
  const log = openLogs(logFolder, settings.logLevel, settings.secrets, faults);
  const metrics = createBaseMetrics("khaacho", logFolder);
  const database = openDatabase(
    { url: settings.databaseUrl, name: "khaacho" },
    log.component("database"),
    () => metrics,
    faults,
  );
  try {
    await database.query(service, "SELECT 1");
    const cache = await openCache(settings.redisUrl, "khaacho:", log.component("cache"), faults);
    const jobs = await openJobs(settings.redisUrl, database, log.component("jobs"), faults);
    return {
      settings,
      faults,
      identity,
      log,
      metrics,
      database,
      cache,
      jobs,
      async close() {
        await jobs.close();
        await cache.close();
        await database.close();
        await log.close();
      },
    };
  } catch (error) {
    await database.close();
    await log.close();
    throw error;
  }
}
