// The steps of a deployment as a report sees them, read from the stack's state. Knows Pulumi's export format, nothing of the checks.
import { z } from "zod";

export const RESULTS = ["passed", "failed", "notApplicable", "inconclusive", "notRun"] as const;
export type StepResult = (typeof RESULTS)[number];

export interface Observation {
  id: string;
  result: Exclude<StepResult, "notRun">;
  expected: string;
  observed: string;
  /** RFC 3339 UTC: good so far, can be judged then. */
  pendingUntil?: string;
}

/** One step: its verdict, what it observed, and when. `notRun` steps have no times. */
export interface StepReport {
  name: string;
  kind: string;
  result: StepResult;
  observations: Observation[];
  facts: { [key: string]: unknown };
  startedAt?: string;
  finishedAt?: string;
  durationSeconds?: number;
  /** Whether this deployment ran it, or its earlier evidence still holds because nothing it depends on changed. */
  ran?: boolean;
  /** Why it failed, as the operator was told. */
  message?: string;
  /** Faults that did not stop the update, with why: waived, or advisory. */
  accepted?: string[];
  /** What it ran because it failed, e.g. who was told. */
  afterFailure?: { kind: string; observations: Observation[] }[];
}

/** Type prefix of the dynamic resources that are steps. */
export const STEP_TYPE = "pulumi-nodejs:dynamic/greenlight:";

const observation = z.object({
  id: z.string(),
  result: z.enum(["passed", "failed", "notApplicable", "inconclusive"]),
  expected: z.string(),
  observed: z.string(),
  pendingUntil: z.string().optional(),
});

const outcome = z.object({
  kind: z.string(),
  name: z.string(),
  result: z.enum(["passed", "failed", "notApplicable", "inconclusive"]),
  observations: z.array(observation),
  facts: z.record(z.string(), z.unknown()),
  startedAt: z.string(),
  finishedAt: z.string(),
  durationSeconds: z.number(),
  accepted: z.array(z.string()).optional(),
  afterFailure: z.array(z.object({ kind: z.string(), observations: z.array(observation) })).optional(),
});

const deployment = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        type: z.string(),
        delete: z.boolean().optional(),
        outputs: z.record(z.string(), z.unknown()).optional(),
        initErrors: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

/** The steps found in `pulumi stack export`'s deployment, in the order in which they finished. */
export function stepsOf(exported: unknown): StepReport[] {
  const resources = deployment.parse(exported).resources ?? [];
  const steps: StepReport[] = [];
  for (const resource of resources) {
    if (!resource.type.startsWith(STEP_TYPE) || resource.delete) continue;
    const read = outcome.safeParse(resource.outputs);
    if (!read.success) continue;
    const message = resource.initErrors?.length ? { message: resource.initErrors.join("\n") } : {};
    steps.push({ ...read.data, ...message });
  }
  return steps.sort((a, b) => (a.finishedAt ?? "").localeCompare(b.finishedAt ?? ""));
}

/** How much was observed and passed, e.g. `10 of 10 observations passed, 1 not applicable`. */
export function observed(observations: Pick<Observation, "result" | "pendingUntil">[]): string {
  const count = (result: Observation["result"]) => observations.filter((one) => one.result === result).length;
  const without = count("notApplicable");
  const later = observations.filter(({ pendingUntil }) => pendingUntil !== undefined).length;
  const judged = `${count("passed")} of ${observations.length - without - later} observations passed`;
  return [
    judged,
    ...(later > 0 ? [`${later} pending`] : []),
    ...(without > 0 ? [`${without} not applicable`] : []),
  ].join(", ");
}
