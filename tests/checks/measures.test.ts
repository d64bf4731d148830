import { describe, expect, it } from "vitest";
import { measure } from "../../checks/measures/measure.ts";
import { parseMetrics } from "../../checks/measures/prometheus.ts";
import { readMeasures } from "../../checks/measures/reader.ts";
import { stubAws } from "../support/aws.ts";
import { newDatabase } from "./support/database.ts";
import { withServer } from "./support/http-server.ts";

const page = `# HELP jobs_total Jobs done
# TYPE jobs_total counter
jobs_total{state="ok",queue="a \\"b\\", c"} 12
jobs_total{state="failed"} 3 1700000000000
# TYPE memory gauge
memory 0.5
# TYPE seconds histogram
seconds_bucket{le="0.1"} 4
seconds_bucket{le="+Inf"} 5
seconds_sum 1.5
seconds_count 5
`;
const read = (text: string, measures: { [name: string]: object }, places = {}) =>
  withServer(
    (_request, response) => void response.end(text),
    (url) => {
      const parsed = Object.fromEntries(
        Object.entries(measures).map(([name, wanted]) => [name, measure().parse(addressed(wanted, url))]),
      );
      return readMeasures(parsed, places, AbortSignal.timeout(20_000));
    },
  );
const addressed = (wanted: object, url: string) => JSON.parse(JSON.stringify(wanted).replaceAll("$URL", url));

describe("the text format of metrics", () => {
  it("is read with types, labels and escapes", () => {
    const families = parseMetrics(page);
    expect([...families.values()].map(({ name, type }) => `${name} ${type}`)).toEqual([
      "jobs_total counter",
      "memory gauge",
      "seconds histogram",
    ]);
    expect(families.get("jobs_total")?.samples[0]?.labels).toEqual({ state: "ok", queue: 'a "b", c' });
    expect(families.get("seconds")?.samples).toHaveLength(4);
  });

  it.each([
    ["jobs_total{state=ok} 1"],
    ["jobs_total"],
    ["jobs_total one"],
    ["jobs_total 0x10"],
    ["<html>"],
  ])("is refused with its line: %s", (line) => {
    expect(() => parseMetrics(`memory 1\n${line}`)).toThrow("line 2 is no sample");
  });
});

describe("measures", () => {
  it("reads counters, gauges and histograms of an endpoint; a counter that exists has counted zero of the rest", async () => {
    const url = "$URL/metrics";
    const { values, errors } = await read(page, {
      all: { prometheus: { url, metric: "jobs_total" } },
      bad: { prometheus: { url, metric: "jobs_total", labels: { state: { matches: "fail.*" } } } },
      none: { prometheus: { url, metric: "jobs_total", labels: { state: "lost" } } },
      greatest: { prometheus: { url, metric: "jobs_total", combine: "maximum" } },
      seconds: { histogram: { url, metric: "seconds" } },
      answered: { prometheus: { url, metric: "seconds_count" } },
      up: { probe: { url: "$URL/health" } },
      missing: { prometheus: { url, metric: "absent" } },
      unlabelled: { prometheus: { url, metric: "memory", labels: { host: "a" } } },
      "no-histogram": { histogram: { url, metric: "memory" } },
    });
    expect(values).toEqual({
      all: 15,
      bad: 3,
      none: 0,
      greatest: 12,
      seconds: { "0.1": 4, "+Inf": 5 },
      answered: 5,
      up: 100,
    });
    expect(Object.keys(errors).sort()).toEqual(["missing", "no-histogram", "unlabelled"]);
    expect(errors.missing).toBe("metric absent: not among 3 families");
  });

  it("takes the extremes of very many series", async () => {
    const many = Array.from({ length: 200_000 }, (_, at) => `many{at="${at}"} ${at}`).join("\n");
    const of = (combine: string) => ({ prometheus: { url: "$URL/metrics", metric: "many", combine } });
    const { values } = await read(many, { most: of("maximum"), least: of("minimum") });
    expect(values).toEqual({ most: 199_999, least: 0 });
  });

  it("reads one number by SQL and refuses anything else, and says so when nothing listens", async () => {
    const databaseUrl = await newDatabase();
    const { values, errors } = await read(
      "",
      {
        jobs: { sql: "select count(*) from pg_class where relname = 'nothing'" },
        rows: { sql: "select 1 from generate_series(1, 2)" },
        text: { sql: "select 'much'" },
        blank: { sql: "select ' '" },
        closed: { prometheus: { url: "http://127.0.0.1:1/metrics", metric: "x" } },
        redis: { redis: { command: ["LLEN", "jobs"] } },
        down: { probe: { url: "http://127.0.0.1:1/health" } },
      },
      { databaseUrl },
    );
    expect(values).toEqual({ jobs: 0, down: 0 });
    expect(errors.rows).toContain("2 rows");
    expect(errors.text).toContain('first value "much", want one number');
    expect(errors.blank).toContain('first value " ", want one number');
    expect(errors.closed).toContain("ECONNREFUSED");
    expect(errors.redis).toBe("this stack has no Redis");
  });

  it("wants exactly one source", () => {
    expect(measure().safeParse({}).success).toBe(false);
    expect(measure().safeParse({ sql: "select 1" }).success).toBe(true);
    expect(measure().safeParse({ sql: "select 1", redis: { command: ["PING"] } }).success).toBe(false);
  });
});

it("does not wait for a CloudWatch that never answers, and reads the other measures", () =>
  withServer(
    () => undefined,
    async (url) => {
      stubAws(url);
      const cloudwatch = { namespace: "orders", metricName: "Errors", statistic: "Sum", periodSeconds: 60 };
      const measures = {
        errors: measure().parse({ cloudwatch }),
        up: measure().parse({ probe: { url: "http://127.0.0.1:9/" } }),
      };
      expect(await readMeasures(measures, {}, AbortSignal.timeout(25_000))).toEqual({
        values: { up: 0 },
        errors: { errors: "metric orders/Errors: no answer within 10 s" },
      });
    },
  ));
