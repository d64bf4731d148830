// Reads many measures at one moment: every endpoint once, and Redis in one session.
import type { Client } from "pg";
import { withDatabase } from "../database.ts";
import { attempt, exchange } from "../http/request.ts";
import { openRedis, type RedisSession } from "../redis-client.ts";
import { messageOf } from "../step/message.ts";
import { largest, smallest } from "./extremes.ts";
import type { Buckets, Measure, Reading } from "./measure.ts";
import { type Family, matching, parseMetrics, type Sample } from "./prometheus.ts";

/** What was read, and why the others could not be. */
export interface Readings {
  values: { [measure: string]: Reading };
  errors: { [measure: string]: string };
}

export interface Places {
  databaseUrl?: string | undefined;
  redisUrl?: string | undefined;
  redisCaFile?: string | undefined;
}

const TIMEOUT_SECONDS = 10;
const COUNTING = ["counter", "histogram"];

/** Reads all measures now. What a look opens ends with it: a server that was away is there for the next one. */
export async function readMeasures(
  measures: { [name: string]: Measure },
  places: Places,
  signal: AbortSignal,
): Promise<Readings> {
  const limit = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  let redis: Promise<RedisSession> | undefined;
  const openedRedis = () => {
    if (places.redisUrl === undefined) throw new Error("this stack has no Redis");
    const options = { caFile: places.redisCaFile, signal: AbortSignal.any([signal, limit]) };
    redis ??= openRedis(places.redisUrl, options);
    return redis;
  };
  const scrape = scraper(signal);
  const readings: Readings = { values: {}, errors: {} };
  try {
    await Promise.all(
      Object.entries(measures).map(async ([name, measure]) => {
        try {
          readings.values[name] = await readOne(measure, places, scrape, openedRedis, signal);
        } catch (error) {
          signal.throwIfAborted();
          readings.errors[name] =
            error === limit.reason ? `redis: no answer within ${TIMEOUT_SECONDS} s` : messageOf(error);
        }
      }),
    );
    return readings;
  } finally {
    await redis?.then(
      (session) => session.close(),
      () => undefined,
    );
  }
}

type Scrape = (url: string) => Promise<Map<string, Family>>;

/** Each address is asked once, however many measures come from it. */
function scraper(signal: AbortSignal): Scrape {
  const pages = new Map<string, Promise<Map<string, Family>>>();
  return (url) => {
    const page = pages.get(url) ?? scrapeMetrics(url, signal);
    pages.set(url, page);
    return page;
  };
}

/** @throws when the address does not answer with metrics */
export async function scrapeMetrics(url: string, signal: AbortSignal): Promise<Map<string, Family>> {
  const answer = await exchange({ url, timeoutSeconds: TIMEOUT_SECONDS, signal });
  // An address may carry a password.
  const { origin, pathname } = new URL(url);
  if (answer.status !== 200) throw new Error(`GET ${origin}${pathname}: status ${answer.status}, want 200`);
  return parseMetrics(answer.text);
}

async function readOne(
  measure: Measure,
  places: Places,
  scrape: Scrape,
  redis: () => Promise<RedisSession>,
  signal: AbortSignal,
): Promise<Reading> {
  const { prometheus, histogram, sql, cloudwatch, probe } = measure;
  if (prometheus) {
    const family = present(await scrape(prometheus.url), prometheus.metric);
    const series = family.samples.filter(({ name }) => name === prometheus.metric);
    return combined(family, matching(series, prometheus.labels), prometheus.combine);
  }
  if (histogram) {
    const family = present(await scrape(histogram.url), histogram.metric);
    return bucketsOf(family, matching(family.samples, histogram.labels));
  }
  if (sql !== undefined) return readSql(sql, places, signal);
  if (measure.redis) return readRedis(await redis(), measure.redis);
  if (cloudwatch) return readCloudWatch(cloudwatch, AbortSignal.timeout(TIMEOUT_SECONDS * 1000), signal);
  if (!probe) throw new Error("this measure has no source");
  const answer = await attempt({ ...probe, signal });
  return "status" in answer && answer.status >= 200 && answer.status < 300 ? 100 : 0;
}

/** The family of a metric, also of the count or sum of a histogram. */
function present(families: Map<string, Family>, name: string): Family {
  const family = families.get(name) ?? families.get(name.replace(/_(count|sum|bucket)$/, ""));
  if (!family) throw new Error(`metric ${name}: not among ${families.size} families`);
  return family;
}

function combined(family: Family, samples: Sample[], how: "sum" | "maximum" | "minimum" | "mean"): number {
  const values = samples.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  // A counter that exists and has no such series has counted nothing of it yet.
  if (values.length === 0 && COUNTING.includes(family.type)) return 0;
  if (values.length === 0) throw new Error(`metric ${family.name}: no series with these labels`);
  const sum = values.reduce((total, value) => total + value, 0);
  return { sum, maximum: largest(values), minimum: smallest(values), mean: sum / values.length }[how];
}

function bucketsOf(family: Family, samples: Sample[]): Buckets {
  if (family.type !== "histogram")
    throw new Error(`metric ${family.name}: type ${family.type}, want a histogram`);
  const buckets: Buckets = { "+Inf": 0 };
  for (const { name, labels, value } of samples) {
    const upTo = labels.le;
    if (name.endsWith("_bucket") && upTo !== undefined) buckets[upTo] = (buckets[upTo] ?? 0) + value;
  }
  return buckets;
}

async function readSql(sql: string, { databaseUrl }: Places, signal: AbortSignal): Promise<number> {
  if (databaseUrl === undefined) throw new Error("this stack has no database");
  const session = { application: "observation", signal, statementTimeoutSeconds: TIMEOUT_SECONDS };
  return withDatabase(databaseUrl, session, (client) => numberFrom(client, sql));
}

/** @throws when the query does not give one row with one number */
export async function numberFrom(client: Client, sql: string): Promise<number> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
  const [row] = rows;
  const value = row?.[0];
  // An empty text is no zero.
  const text = typeof value === "string" && value.trim() !== "";
  const number = typeof value === "number" || text ? Number(value) : Number.NaN;
  if (rows.length !== 1 || row?.length !== 1 || Number.isNaN(number))
    throw new Error(`query: ${rows.length} rows, first value ${JSON.stringify(value)}, want one number`);
  return number;
}

async function readRedis(
  session: RedisSession,
  { command, field }: NonNullable<Measure["redis"]>,
): Promise<number> {
  const answer = await session.send(command);
  const text = field === undefined ? answer : new RegExp(`^${field}:(.*)$`, "m").exec(String(answer))?.[1];
  const number = text === undefined || text === null || text === "" ? Number.NaN : Number(text);
  if (Number.isNaN(number)) throw new Error(`redis ${command[0]}: no number${field ? ` at ${field}` : ""}`);
  return number;
}

async function readCloudWatch(
  given: NonNullable<Measure["cloudwatch"]>,
  limit: AbortSignal,
  signal: AbortSignal,
): Promise<number> {
  const { latestDatapoint } = await import("./cloudwatch.ts");
  const name = `${given.namespace}/${given.metricName}`;
  const within = 10 * given.periodSeconds;
  // The client has no limit of its own, and a sample waits for all of its measures.
  const asked = latestDatapoint(given, within, AbortSignal.any([signal, limit]));
  const datapoint = await asked.catch((error: unknown) => {
    throw limit.aborted ? new Error(`metric ${name}: no answer within ${TIMEOUT_SECONDS} s`) : error;
  });
  if (datapoint === undefined) throw new Error(`metric ${name}: no datapoint in ${within} s`);
  return datapoint.value;
}
