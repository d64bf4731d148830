// One look at everything that the plan names, and the readings by metric. A source that cannot be read leaves its metric
// without a datapoint: the alarm then sees the silence.
import type { S3Client } from "@aws-sdk/client-s3";
import type { Metric, Plan } from "./plan.ts";
import { type Reading, single } from "./reading.ts";
import type { Source, SourceKind } from "./source.ts";
import { ApplicationMetrics } from "./sources/application.ts";
import { diskFree, memoryUsed, ProcessorTime } from "./sources/host.ts";
import { answering, availability, backupAge, certificateDays } from "./sources/outside.ts";
import { type CacheLook, type DatabaseLook, lookAtCache, lookAtDatabase } from "./sources/stores.ts";

export interface Taken {
  metric: Metric;
  reading: Reading;
}

export interface Look {
  taken: Taken[];
  /** Why a metric has no datapoint, a line each. */
  faults: string[];
}

export interface LookerOptions {
  s3: S3Client;
  /** Error lines of the log since the last call, undefined where it cannot be read; absent where no log is shipped. */
  errorLines?: () => number | undefined;
  /** The CA of Redis. */
  cacheCaFile?: string;
}

/** Reads a plan's sources again and again; remembers what counters and rates need. */
export class Looker {
  readonly #plan: Plan;
  readonly #options: LookerOptions;
  readonly #application: ApplicationMetrics;
  readonly #processors = new ProcessorTime();

  constructor(plan: Plan, options: LookerOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#application = new ApplicationMetrics(plan.metricsUrls);
  }

  async look(signal: AbortSignal): Promise<Look> {
    const [application, database, cache] = await Promise.all([
      this.#lookAtApplication(signal),
      this.#lookAtDatabase(signal),
      this.#lookAtCache(signal),
    ]);
    // Taken once: two metrics may count the same lines.
    const errorLines = this.#uses(["logErrors"]) ? this.#options.errorLines?.() : undefined;
    const faults = [application, database?.error, cache?.error].filter((fault) => fault !== undefined);
    const read = this.#readers({ application, database, cache, errorLines, signal });
    const taken = await Promise.all(
      this.#plan.metrics.map(async (metric) => {
        try {
          const reading = await read(metric.source);
          if (reading === undefined) return [];
          requireNumbers(reading);
          return [{ metric, reading }];
        } catch (error) {
          faults.push(`${metric.name}: ${error instanceof Error ? error.message : error}`);
          return [];
        }
      }),
    );
    return { taken: taken.flat(), faults: [...new Set(faults)] };
  }

  #readers(seen: Seen): (source: Source) => Promise<Reading | undefined> {
    const { s3 } = this.#options;
    const { backupBucket } = this.#plan;
    const ofApplication = <T>(read: (metrics: ApplicationMetrics) => T): T | undefined =>
      seen.application === undefined ? read(this.#application) : undefined;
    return async (source) => {
      switch (source.kind) {
        case "gauge":
          return ofApplication((metrics) => metrics.gauge(source));
        case "increase":
          return ofApplication((metrics) => metrics.increase(source));
        case "share":
          return ofApplication((metrics) => metrics.share(source));
        case "durations":
          return ofApplication((metrics) => metrics.durations(source));
        case "drop":
          return ofApplication((metrics) => metrics.drop(source, Date.now()));
        case "memory":
          return memoryUsed();
        case "cpu":
          return this.#processors.used();
        case "diskFree":
          return await diskFree(source.path);
        case "databaseConnections":
          return seen.database?.connections;
        case "databaseErrors":
          return seen.database?.errors;
        case "cacheMemory":
          return seen.cache?.memory;
        case "cacheErrors":
          return seen.cache?.errors;
        case "cacheList":
          return lengthOf(source.keys, seen.cache);
        case "backupAge":
          return backupBucket === undefined ? undefined : await backupAge(s3, backupBucket, seen.signal);
        case "certificate":
          return await certificateDays(source.hosts);
        case "answering":
          return single(await answering(source.urls, 299, seen.signal));
        case "availability":
          return await availability(source.urls, seen.signal);
        case "logErrors":
          return seen.errorLines === undefined ? undefined : single(seen.errorLines);
      }
    };
  }

  #uses(kinds: SourceKind[]): boolean {
    return this.#plan.metrics.some(({ source }) => kinds.includes(source.kind));
  }

  /** Why the application's metrics cannot be read, if they cannot. */
  async #lookAtApplication(signal: AbortSignal): Promise<string | undefined> {
    if (this.#plan.metricsUrls.length === 0) return "no metricsUrls";
    try {
      await this.#application.look(signal);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #lookAtDatabase(signal: AbortSignal): Promise<DatabaseLook | undefined> {
    const { databaseUrl } = this.#plan;
    if (databaseUrl === undefined || !this.#uses(["databaseConnections", "databaseErrors"])) return undefined;
    return await lookAtDatabase(databaseUrl, signal);
  }

  async #lookAtCache(signal: AbortSignal): Promise<CacheLook | undefined> {
    const { cacheUrl } = this.#plan;
    if (cacheUrl === undefined || !this.#uses(["cacheMemory", "cacheErrors", "cacheList"])) return undefined;
    const keys = this.#plan.metrics.flatMap(({ source }) => (source.kind === "cacheList" ? source.keys : []));
    return await lookAtCache(cacheUrl, keys, { caFile: this.#options.cacheCaFile, signal });
  }
}

interface Seen {
  /** Why the application's metrics could not be read. */
  application: string | undefined;
  database: DatabaseLook | undefined;
  cache: CacheLook | undefined;
  /** Since the look before; undefined where no log is shipped, or it cannot be read. */
  errorLines: number | undefined;
  signal: AbortSignal;
}

/** CloudWatch refuses all metrics of a call for one value that is no number. */
function requireNumbers({ values, counts }: Reading): void {
  const wrong = [...values, ...counts].find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new Error(`no number: ${wrong}, want one; correct its source`);
}

function lengthOf(keys: string[], cache: CacheLook | undefined): Reading | undefined {
  const lengths = keys.flatMap((key) => cache?.lengths.get(key) ?? []);
  return lengths.length < keys.length ? undefined : single(lengths.reduce((sum, one) => sum + one, 0));
}
