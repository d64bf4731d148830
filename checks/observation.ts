// Proves that a release stays good: its figures over windows after it, against limits and against the time before it. The update
// watches the first seconds; `greenlight watch` goes on. A window that is not over proves nothing yet: it is pending until its end;
// one that was not watched never does: the release is watched anew, and the evidence says so.
// Says nothing about what no measure shows.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { observed, observedFaults } from "./observation/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Facts, type Finding, observe, type StepContext } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const reading = () => z.union([z.number(), z.record(z.string(), z.number())]);

export const observationInputs = () =>
  z
    .strictObject({
      ...observed,
      system: z.string().regex(/^[\w.-]+$/),
      stack: z.string().regex(/^[\w.-]+$/),
      release: z.string().default(""),
      /** When what is watched was done, e.g. the release's end: another time is another release. */
      since: z.array(z.string()).default([]),
      /** Figures from before the release, by measure: facts of the baseline step. */
      baseline: z.record(z.string(), reading()).default({}),
      databaseUrl: z.string().optional(),
      redisUrl: z.string().optional(),
      redisCaFile: z.string().optional(),
      /** Bucket that keeps the samples. @default `directory` */
      bucket: z.string().optional(),
      /** Folder that keeps the samples where there is no bucket. */
      directory: z.string().default(".greenlight"),
    })
    .superRefine((given, context) => {
      for (const fault of observedFaults(given)) context.addIssue({ code: "custom", ...fault });
    });
export type ObservationInputs = z.output<ReturnType<typeof observationInputs>>;

export const step = defineStep({
  inputs: observationInputs,
  secrets: (given) => [...passwordsOf(given.databaseUrl ?? ""), ...passwordsOf(given.redisUrl ?? "")],
  // Watched once for a release; again when a watch has seen more, or a window is over (`again`).
  rerun: ({ measures, marks, inUpdate, maximumGapSeconds, errorLimit, release, since, baseline }) => ({
    measures,
    marks,
    inUpdate,
    maximumGapSeconds,
    errorLimit,
    release,
    since,
    baseline,
  }),
  deadlineSeconds: 3900,
  async again(given, previous, { signal }) {
    const { storeOf } = await import("./observation/watch.ts");
    const samples = await storeOf(given, signal).load();
    const next =
      typeof previous.nextDue === "string" ? Date.parse(previous.nextDue) : Number.POSITIVE_INFINITY;
    return samples.length !== previous.samples || Date.now() >= next;
  },
  async plan({ marks = [], inUpdate }) {
    const { renderMinutes } = await import("./observation/window.ts");
    const windows = marks.map(
      (m) => `${m.name}: ${m.checks.length} checks for ${renderMinutes(m.minutes - m.fromMinutes)}`,
    );
    return [...windows, `the update watches ${inUpdate?.seconds} s; greenlight watch goes on`];
  },
  run,
});

async function run(given: ObservationInputs, { signal, log }: StepContext): Promise<Finding> {
  const { watch } = await import("./observation/watch.ts");
  const { chartsOf } = await import("./observation/charts.ts");
  const now = new Date();
  const { verdicts, starts, samples, taken } = await watch(given, given.inUpdate, signal);
  const [{ at: beganAt }, ...anew] = starts;
  for (const { why } of anew.filter(({ at }) => at >= now)) log(`watched anew from now on: ${why}`);
  for (const { observation, trigger, observed } of verdicts.breaches)
    log(`${trigger} rollback trigger: ${observation}: ${observed}`);
  const names = Object.keys(given.measures);
  const blind = names.filter((name) => taken.every(({ values }) => values[name] === undefined));
  const why = blind.map((name) => `${name}: ${taken.at(-1)?.errors[name] ?? "no value"}`).join("; ");
  const due = verdicts.observations.flatMap(({ pendingUntil }) => pendingUntil ?? []).sort();
  return {
    observations: [
      observe(
        "measures",
        blind.length === 0,
        `each of ${names.length} measures can be read`,
        blind.length === 0 ? `read in ${taken.length} samples` : why,
      ),
      ...verdicts.observations,
    ],
    facts: {
      beganAt: beganAt.toISOString(),
      anew: anew.map(({ at, why }) => ({ at: at.toISOString(), why })),
      samples: samples.length,
      lastSampleAt: samples.at(-1)?.at ?? null,
      nextDue: due[0] ?? null,
      breaches: verdicts.breaches.map((breach): Facts => ({ ...breach })),
      charts: chartsOf({ ...given, beganAt, now: new Date() }, samples),
    },
  };
}

/** Evidence: `measures` and one observation a mark and check, `MARK-NAME`; facts `breaches` names rollback triggers. */
export class Watch extends Step {
  constructor(
    name: string,
    args: ArgsOf<typeof observationInputs> & StepOptions,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super("observation", name, args, opts);
  }
}
