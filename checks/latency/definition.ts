// The words of a latency check, which the baseline and the settings share.
import { z } from "zod";

const milliseconds = () => z.number().min(0.1).max(600_000).meta({ unit: "milliseconds" });

/** One address, how it is asked, and what must hold. */
export const latencyTarget = () =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. list-orders")
        .describe("the observations are called NAME-p95 and so on"),
      url: z.url({ protocol: /^https?$/ }).describe("what is asked"),
      method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH"]).default("GET").describe("how"),
      headers: z.record(z.string(), z.string()).default({}).describe("sent with every request"),
      body: z.string().optional().describe("sent with every request"),
      authorized: z.boolean().default(false).describe("sends a token of `people`, another one each time"),
      perSecond: z
        .number()
        .min(0.1)
        .max(5000)
        .default(50)
        .describe("requests that are sent in a second, whether earlier ones were answered or not")
        .meta({ unit: "requests per second" }),
      seconds: z
        .number()
        .min(0.5)
        .max(86_400)
        .default(10)
        .describe("how long is measured")
        .meta({ unit: "seconds" }),
      warmUpSeconds: z
        .number()
        .min(0)
        .max(600)
        .default(1)
        .describe("before that at the same rate, not counted")
        .meta({ unit: "seconds" }),
      timeoutSeconds: z
        .number()
        .min(0.1)
        .max(600)
        .default(10)
        .describe("a request without an answer for so long has failed")
        .meta({ unit: "seconds" }),
      status: z
        .tuple([z.int().min(100).max(599), z.int().min(100).max(599)])
        .default([200, 299])
        .describe("first and last status that are good"),
      p50: milliseconds().optional().describe("limit of the median"),
      p95: milliseconds().optional().describe("limit of percentile 95"),
      p99: milliseconds().optional().describe("limit of percentile 99"),
      maximum: milliseconds().optional().describe("limit of the slowest answer"),
      maximumFailurePercent: z
        .number()
        .min(0)
        .max(100)
        .default(0)
        .describe("requests that may fail")
        .meta({ unit: "percent" }),
      minimumPerSecond: z
        .number()
        .min(0.1)
        .max(5000)
        .optional()
        .describe("good answers in a second that must be reached")
        .meta({ unit: "requests per second" }),
      maximumBaselineRatio: z
        .number()
        .min(0.01)
        .max(1000)
        .optional()
        .describe(
          "largest percentile 95 as a multiple of the one before the release; there must have been a release before",
        )
        .meta({ unit: "ratio" }),
      baselineFloor: milliseconds()
        .default(0.1)
        .describe("a percentile 95 of no more than this is no degradation, whatever it was before"),
    })
    .refine((t) => t.status[0] <= t.status[1], {
      error: "the first status is not above the last",
      path: ["status"],
    });
export type LatencyTarget = z.output<ReturnType<typeof latencyTarget>>;

/** Limits of the statements that the database ran meanwhile. */
export const databaseLatency = () =>
  z.strictObject({
    maximumMeanMilliseconds: milliseconds().describe("of all statements together"),
    maximumStatementMilliseconds: milliseconds()
      .optional()
      .describe("mean of the slowest statement that ran at least `minimumCalls` times"),
    minimumCalls: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5)
      .describe("statements that ran less often are left out")
      .meta({ unit: "calls" }),
  });
export type DatabaseLatency = z.output<ReturnType<typeof databaseLatency>>;
