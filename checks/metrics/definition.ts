// The words of a metrics check: families that an endpoint must show, and counters that must count.
import { z } from "zod";
import { isPattern } from "../pattern.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. queue-size");
const family = () => z.string().regex(/^[A-Za-z_:][\w:]*$/);
const pattern = () => z.string().min(1).refine(isPattern, { error: "a regular expression" });
const labels = () =>
  z
    .record(z.string(), z.union([z.string(), z.strictObject({ matches: pattern() })]))
    .default({})
    .describe("labels that a series must have: a text, or `matches` with a pattern for the whole of it");

/** A family of metrics that must be there. */
export const wantedFamily = () =>
  z.strictObject({
    name: kebab().describe("the observation is called family-NAME"),
    metric: family().describe("name of the family"),
    type: z.enum(["counter", "gauge", "histogram", "summary"]).describe("its type"),
    labels: z
      .record(z.string(), z.array(z.string()).min(1))
      .default({})
      .describe("values that each label must have among the series")
      .meta({ example: { state: ["pending", "failed"] } }),
    minimum: z.number().optional().describe("smallest value that a series may have; of histograms the count"),
    maximum: z.number().optional().describe("largest value that a series may have"),
  });
export type WantedFamily = z.output<ReturnType<typeof wantedFamily>>;

/** A use of the application that a counter must show. */
export const counted = () =>
  z.strictObject({
    name: kebab().describe("the observation is called counts-NAME"),
    metric: family().describe("a counter, or the `_count` of a histogram"),
    labels: labels(),
    request: z
      .strictObject({
        url: z.url({ protocol: /^https?$/ }).describe("what is asked"),
        method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).default("GET").describe("how"),
        headers: z.record(z.string(), z.string()).default({}).describe("sent with it"),
        body: z.string().optional().describe("sent with it"),
      })
      .describe("the use"),
    times: z.int().min(1).max(1000).default(5).describe("how often it is made").meta({ unit: "requests" }),
    minimum: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe("by how much the counter must grow at least; without it by `times`")
      .meta({ unit: "counts" }),
    withinSeconds: z
      .number()
      .min(0.1)
      .max(600)
      .default(5)
      .describe("time until it shows")
      .meta({ unit: "seconds" }),
  });
export type Counted = z.output<ReturnType<typeof counted>>;
