// Where the value of a metric comes from, as settings say it and as the agent is told it. Reading is done in sources/.
import { z } from "zod";

const family = () =>
  z
    .string()
    .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
    .describe("name of a Prometheus family");
const pattern = () => z.string().refine(isPattern, { error: "a regular expression" });
const labels = () =>
  z
    .record(z.string(), pattern())
    .describe("labels that a series must have, as regular expressions of the whole value");
const kind = <Name extends string>(name: Name, words: string) => z.literal(name).describe(words);

/** One source; `kind` says which. */
export const source = () =>
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: kind("gauge", "the sum of series of the application's metrics"),
      family: family(),
      labels: labels().default({}),
      percentOf: z.number().positive().optional().describe("what 100 % is, in the gauge's own unit"),
    }),
    z.strictObject({
      kind: kind("increase", "how much counters grew since the last look"),
      family: family(),
      labels: labels().default({}),
    }),
    z.strictObject({
      kind: kind("share", "per cent of what was counted since the last look that has certain labels"),
      family: family(),
      part: labels().describe(
        "further labels of the events that count, e.g. `result: failed` or `status: 5..`",
      ),
      whole: labels().default({}),
    }),
    z.strictObject({
      kind: kind("durations", "times of a histogram in seconds since the last look, told in milliseconds"),
      family: family(),
      labels: labels().default({}),
    }),
    z.strictObject({
      kind: kind("drop", "per cent by which counters grow more slowly than over a longer time before"),
      family: family(),
      labels: labels().default({}),
      recentSeconds: z.int().min(10).max(3600).default(300).describe("the time that is judged"),
      baselineSeconds: z.int().min(60).max(86_400).default(3600).describe("the time before it"),
    }),
    z.strictObject({ kind: kind("memory", "memory of the machine in use") }),
    z.strictObject({ kind: kind("cpu", "processor time of the machine in use since the last look") }),
    z.strictObject({
      kind: kind("diskFree", "free space of a file system"),
      path: z.string().min(1).default("/").describe("any path on it"),
    }),
    z.strictObject({
      kind: kind("databaseConnections", "connections to the application's database, of all roles"),
    }),
    z.strictObject({ kind: kind("databaseErrors", "1 when the database cannot be reached, else 0") }),
    z.strictObject({ kind: kind("cacheMemory", "used memory of Redis, of its maximum") }),
    z.strictObject({ kind: kind("cacheErrors", "1 when Redis cannot be reached, else 0") }),
    z.strictObject({
      kind: kind("cacheList", "length of lists in Redis, e.g. of a queue"),
      keys: z.array(z.string().min(1)).min(1).describe("keys of the lists"),
    }),
    z.strictObject({ kind: kind("backupAge", "hours since the newest backup in the backup bucket") }),
    z.strictObject({
      kind: kind("certificate", "days until the first of the certificates expires"),
      hosts: z.array(z.string().min(1)).min(1).describe("HOST or HOST:PORT"),
    }),
    z.strictObject({
      kind: kind("answering", "how many of the addresses answer with a status of 200 to 299"),
      urls: z.array(z.url()).min(1).describe("asked at each look"),
    }),
    z.strictObject({
      kind: kind("availability", "per cent of the addresses that answer with a status of 200 to 399"),
      urls: z.array(z.url()).min(1).describe("asked at each look"),
    }),
    z.strictObject({
      kind: kind("logErrors", "new lines of the shipped log that its error pattern matches"),
    }),
  ]);

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

export type Source = z.output<ReturnType<typeof source>>;
export type SourceKind = Source["kind"];
