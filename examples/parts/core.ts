// What every application has open while it runs: log, database, cache, metrics. Opened once at the start, closed in the
// reverse order.
import { dirname } from "node:path";
import { type Cache, openCache } from "./cache.ts";
import { type Database, openDatabase, service } from "./database.ts";
import type { Variables } from "./environment.ts";
import type { PartFaults } from "./faults.ts";
import { type Log, type LogSettings, openLog } from "./log.ts";
import { type BaseMetrics, createBaseMetrics } from "./metrics.ts";

/** The release that a process runs, e.g. `2026.01.11-1`, and which of its processes it is. */
export interface Identity {
  version: string;
  instance: string;
  /** The version of its variables in the vault; undefined where they came from elsewhere. */
  variables?: string | undefined;
}

export interface Core<Faults extends PartFaults = PartFaults> {
  identity: Identity;
  faults: Faults;
  log: Log;
  metrics: BaseMetrics;
  database: Database;
  cache: Cache;
  close(): Promise<void>;
}

export interface CoreSettings {
  /** The application's name as the database server lists it. */
  name: string;
  /** Of metrics and cache keys, e.g. `hv`. */
  prefix: string;
  databaseUrl: string;
  /** Without it the cache is in memory. */
  redisUrl: string | undefined;
  log: LogSettings;
  /** Values that no line of the log may show. */
  secrets: readonly string[];
}

/** @throws when the database or the cache does not answer: a process that cannot work must not report itself ready. */
export async function openCore<Faults extends PartFaults>(
  settings: CoreSettings,
  faults: Faults,
  identity: Identity,
): Promise<Core<Faults>> {
  const log = openLog(settings.log, settings.secrets, faults);
  const metrics = createBaseMetrics(settings.prefix, dirname(settings.log.file), log.lines);
  const given = { url: settings.databaseUrl, name: settings.name };
  const database = openDatabase(given, log.component("database"), () => metrics, faults);
  try {
    await database.query(service, "SELECT 1");
    const cache = await openCache(settings.redisUrl, `${settings.prefix}:`, log.component("cache"), faults);
    const close = async () => {
      await cache.close();
      await database.close();
      await log.close();
    };
    return { identity, faults, log, metrics, database, cache, close };
  } catch (error) {
    await database.close();
    await log.close();
    throw error;
  }
}

/** The identity that the environment of a process gives it. @param variables as `loadVariables` gave them */
export function readIdentity(environment: NodeJS.ProcessEnv, variables: Variables = {}): Identity {
  return {
    version: environment.RELEASE_VERSION ?? "development",
    instance: environment.NODE_APP_INSTANCE ?? "0",
    variables: variables.VARIABLES_VERSION,
  };
}
