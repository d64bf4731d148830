// Everything the application's parts share: opened once at the start, closed in the reverse order.
import { dirname } from "node:path";
import { type Cache, openCache } from "./cache.ts";
import { type Database, openDatabase, service } from "./database.ts";
import { createDeliveries, type Deliveries } from "./delivery/deliveries.ts";
import type { Faults } from "./faults.ts";
import { createFeatures, type Features } from "./features.ts";
import { type Log, openLog } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

export interface System {
  settings: Settings;
  faults: Faults;
  /** The release that this process runs, e.g. `2026.01.11-1`, and which of its processes it is. */
  identity: { version: string; instance: string };
  log: Log;
  metrics: Metrics;
  database: Database;
  cache: Cache;
  features: Features;
  deliveries: Deliveries;
  close(): Promise<void>;
}

/** @throws when the database or the cache does not answer: a process that cannot work must not report itself ready. */
export async function openSystem(
  settings: Settings,
  faults: Faults,
  identity: System["identity"],
): Promise<System> {
  const log = openLog(settings, faults);
  const database = openDatabase(settings.databaseUrl, log.component("database"), () => metrics, faults);
  const metrics = createMetrics(() => countByState(database), dirname(settings.log.file), faults);
  try {
    await database.query(service, "SELECT 1");
    const cache = await openCache(settings.redisUrl, log.component("cache"), faults);
    const deliveries = createDeliveries(settings, database, metrics, faults);
    const features = createFeatures(settings, database);
    return {
      settings,
      faults,
      identity,
      log,
      metrics,
      database,
      cache,
      features,
      deliveries,
      async close() {
        deliveries.close();
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

/** Every state is in the answer, also with no job in it. */
export async function countByState(database: Database): Promise<Map<string, number>> {
  const text = "SELECT estado, total::integer AS total FROM contar_trabajos_por_estado()";
  const rows = await database.query<{ estado: string; total: number }>(service, text);
  return new Map(rows.map((row) => [row.estado, row.total]));
}
