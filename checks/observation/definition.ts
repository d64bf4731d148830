// The words of an observation: which measure is judged how, over which part of the time after a release.
import { z } from "zod";
import { measure } from "../measures/measure.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. error-rate");

export const STATISTICS = [
  "each",
  "last",
  "mean",
  "maximum",
  "minimum",
  "p50",
  "p95",
  "p99",
  "increase",
  "perHour",
] as const;

/** One judgement of a mark. Without bounds the figure is kept and any value is good. */
export const observationCheck = () =>
  z
    .strictObject({
      name: kebab().describe("the observation is called MARK-NAME"),
      measure: z.string().min(1).describe("what is judged, by its name in `measures`"),
      per: z
        .string()
        .min(1)
        .optional()
        .describe(
          "another measure: judged is the increase of the first in percent of the increase of this one",
        ),
      statistic: z
        .enum(STATISTICS)
        .default("each")
        .describe(
          "`each` judges sample by sample; `increase` is what a counter grew by; `perHour` is the slope; the others are over all samples",
        ),
      minimum: z.number().optional().describe("smallest good value, in the measure's unit"),
      maximum: z.number().optional().describe("largest good value, in the measure's unit"),
      maximumBaselineRatio: z
        .number()
        .min(0.01)
        .max(1000)
        .optional()
        .describe("largest good value as a multiple of the baseline that was taken before the release")
        .meta({ unit: "ratio" }),
      failureLimit: z
        .int()
        .min(0)
        .max(10_000)
        .default(0)
        .describe("samples that may be out of bounds; for `each`")
        .meta({ unit: "samples" }),
      trigger: z
        .enum(["immediate", "conditional"])
        .optional()
        .describe("a breach is a rollback trigger: to be rolled back at once, or to be decided by a person"),
    })
    .refine((c) => c.failureLimit === 0 || c.statistic === "each", {
      error: "only with statistic `each`",
      path: ["failureLimit"],
    });
export type ObservationCheck = z.output<ReturnType<typeof observationCheck>>;

/** A part of the time after the release and what must hold in it. */
export const mark = () =>
  z
    .strictObject({
      name: kebab().describe("e.g. `first-hour`"),
      fromMinutes: z
        .number()
        .min(0)
        .max(20_160)
        .default(0)
        .describe("where the window begins, after the release")
        .meta({ unit: "minutes" }),
      minutes: z
        .number()
        .min(0.01)
        .max(20_160)
        .describe("where the window ends, after the release; the mark is judged then")
        .meta({ unit: "minutes" }),
      checks: z.array(observationCheck()).min(1).describe("what must hold"),
    })
    .refine((m) => m.fromMinutes < m.minutes, {
      error: "less than `minutes`, since the window ends there",
      path: ["fromMinutes"],
    });
export type Mark = z.output<ReturnType<typeof mark>>;

/** What observation inputs and settings share. */
export const observed = {
  measures: z.record(z.string().regex(/^[\w-]+$/), measure()).describe("what is measured, by name"),
  marks: z.array(mark()).min(1).describe("when what must hold"),
  inUpdate: z
    .strictObject({
      seconds: z
        .number()
        .min(1)
        .max(3600)
        .default(60)
        .describe("how long the update itself watches")
        .meta({ unit: "seconds" }),
      everySeconds: z
        .number()
        .min(0.2)
        .max(300)
        .default(5)
        .describe("pause between two samples")
        .meta({ unit: "seconds" }),
    })
    .prefault({})
    .describe("the window that the update watches; all beyond is watched by `greenlight watch`"),
  everySeconds: z
    .number()
    .min(1)
    .max(3600)
    .default(60)
    .describe("pause between two samples of `greenlight watch`")
    .meta({ unit: "seconds" }),
  maximumGapSeconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(300)
    .describe("longest time in a window without a sample; after a longer one the mark is watched anew")
    .meta({ unit: "seconds" }),
  errorLimit: z
    .int()
    .min(0)
    .max(10_000)
    .default(3)
    .describe(
      "samples of a window in which a measure could not be read; more make the mark inconclusive, and it is watched anew",
    )
    .meta({ unit: "samples" }),
};

/** Faults that only all of it together can tell: names that stand for nothing, samples too rare to be without a gap. */
export function observedFaults(given: {
  measures: { [name: string]: unknown };
  marks: Mark[];
  inUpdate: { everySeconds: number };
  everySeconds: number;
  maximumGapSeconds: number;
}): { path: PropertyKey[]; message: string }[] {
  const known = Object.keys(given.measures);
  const names = given.marks.map(({ name }) => name);
  const pause = Math.max(given.everySeconds, given.inUpdate.everySeconds);
  const gap = { path: ["maximumGapSeconds"], message: `at least the pause between two samples, ${pause}` };
  const faults = given.marks.flatMap(({ name, checks }, at) => [
    ...(names.indexOf(name) === at ? [] : [{ path: ["marks", at, "name"], message: "a name of its own" }]),
    ...checks.flatMap((check, index) =>
      [check.measure, check.per]
        .filter((wanted) => wanted !== undefined && !known.includes(wanted))
        .map((wanted) => ({
          path: ["marks", at, "checks", index, wanted === check.measure ? "measure" : "per"],
          message: `one of ${known.join(", ")}`,
        })),
    ),
    ...checks.flatMap((check, index) =>
      checks.findIndex((other) => other.name === check.name) === index
        ? []
        : [{ path: ["marks", at, "checks", index, "name"], message: "a name of its own in its mark" }],
    ),
  ]);
  return given.maximumGapSeconds < pause ? [gap, ...faults] : faults;
}
