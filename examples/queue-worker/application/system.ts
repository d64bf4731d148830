// Everything the worker's parts share: opened once at the start, closed in the reverse order.
import { dirname } from "node:path";
import { type Cache, openCache } from "../../parts/cache.ts";
import type { Identity } from "../../parts/core.ts";
import { type Database, openDatabase, service } from "../../parts/database.ts";
import { type ErrorTracking, trackErrors } from "./error-tracking.ts";
import type { Faults } from "./faults.ts";
import { openWorkerLog, type WorkerLog } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { openQueue, type StepQueue } from "./queue.ts";
import type { Settings } from "./settings.ts";

export interface System {
  settings: Settings;
  faults: Faults;
  identity: Identity;
  /** This process in the records, e.g. `worker-0/4711`. */
  worker: string;
  log: WorkerLog;
  metrics: Metrics;
  database: Database;
  cache: Cache;
  queue: StepQueue;
  errors: ErrorTracking;
  close(): Promise<void>;
}

/** @throws when the database or Redis does not answer: a process that cannot work must not report itself ready. */
export async function openSystem(
  settings: Settings,
  faults: Faults,
  identity: Identity,
  place: { logFile: string; logGroup: string | undefined },
): Promise<System> {
  const name = `worker-${identity.instance}`;
  const log = openWorkerLog(
    {
      file: place.logFile,
      level: settings.logLevel,
      group: place.logGroup,
      worker: name,
      secrets: settings.secrets,
    },
    faults,
  );
  let queue: StepQueue | undefined;
  const metrics = createMetrics(async () => (await queue?.depths()) ?? {}, dirname(place.logFile), faults);
  const database = openDatabase(
    { url: settings.databaseUrl, name: "queue-worker" },
    log.component("database"),
    () => metrics,
    faults,
  );
  try {
    await database.query(service, "SELECT 1");
    const cache = await openCache(settings.redisUrl, "worker:", log.component("cache"), faults);
    const { attempts, backoffMilliseconds } = settings;
    const backoff = faults.has("retry-early") ? 100 : backoffMilliseconds;
    const opened = await openQueue(
      { redisUrl: settings.redisUrl, attempts, backoffMilliseconds: backoff },
      log.component("queue"),
      () => metrics.redisErrors.inc(),
    );
    queue = opened;
    return {
      settings,
      faults,
      identity,
      worker: `${name}/${process.pid}`,
      log,
      metrics,
      database,
      cache,
      queue: opened,
      errors: trackErrors(settings.sentryDsn, identity.version, log.component("errors"), faults),
      async close() {
        await opened.close();
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
