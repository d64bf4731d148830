// What can be measured while a release is watched, and where: a Prometheus endpoint, SQL, Redis, CloudWatch, or whether an address
// answers. One measure gives one number at a time, or the buckets of a histogram.
import { z } from "zod";
import { isPattern } from "../pattern.ts";

const pattern = () => z.string().min(1).refine(isPattern, { error: "a regular expression" });
const labels = () =>
  z
    .record(z.string(), z.union([z.string(), z.strictObject({ matches: pattern() })]))
    .default({})
    .describe("labels that a series must have: a text, or `matches` with a pattern for the whole of it");

const metricsAddress = () => z.url({ protocol: /^https?$/ }).describe("where the metrics are");
const family = () =>
  z
    .string()
    .regex(/^[A-Za-z_:][\w:]*$/)
    .describe("name of the metric");

/** One measure; exactly one source. */
export const measure = () =>
  z
    .strictObject({
      prometheus: z
        .strictObject({
          url: metricsAddress(),
          metric: family(),
          labels: labels(),
          combine: z
            .enum(["sum", "maximum", "minimum", "mean"])
            .default("sum")
            .describe("how several series become one number"),
        })
        .optional()
        .describe("a counter or gauge of a Prometheus endpoint"),
      histogram: z
        .strictObject({ url: metricsAddress(), metric: family(), labels: labels() })
        .optional()
        .describe("a histogram of a Prometheus endpoint, for percentiles"),
      sql: z.string().min(1).optional().describe("a query that gives one row with one number"),
      redis: z
        .strictObject({
          command: z.array(z.string().min(1)).min(1).describe("the command and its arguments"),
          field: z.string().min(1).optional().describe("line of an INFO answer, e.g. `used_memory`"),
        })
        .optional()
        .describe("a Redis command that gives a number"),
      cloudwatch: z
        .strictObject({
          namespace: z.string().min(1),
          metricName: z.string().min(1),
          dimensions: z.record(z.string(), z.string()).default({}),
          statistic: z
            .enum(["Average", "Sum", "Maximum", "Minimum", "SampleCount"])
            .default("Average")
            .describe("statistic of one period"),
          // CloudWatch refuses any other, and that only when the release is out.
          periodSeconds: z
            .union([z.literal([1, 5, 10, 30]), z.int().min(60).max(86_400).multipleOf(60)])
            .default(60)
            .describe("length of one datapoint; the newest is taken")
            .meta({ unit: "seconds" }),
        })
        .optional()
        .describe("a metric in CloudWatch"),
      probe: z
        .strictObject({
          url: z.url({ protocol: /^https?$/ }),
          timeoutSeconds: z.number().min(0.1).max(60).default(5).meta({ unit: "seconds" }),
        })
        .optional()
        .describe("100 when the address answers with a 2xx status, otherwise 0: an availability in percent"),
      unit: z.string().max(20).default("").describe("for people, e.g. `jobs` or `MB`"),
    })
    .refine(
      (m) =>
        [m.prometheus, m.histogram, m.sql, m.redis, m.cloudwatch, m.probe].filter((s) => s !== undefined)
          .length === 1,
      { error: "exactly one of prometheus, histogram, sql, redis, cloudwatch, probe" },
    );
export type Measure = z.output<ReturnType<typeof measure>>;

/** Cumulative counts by upper bound, as Prometheus has them. */
export type Buckets = { [upTo: string]: number };
export type Reading = number | Buckets;
