// Takes the figures of the release that runs now, before another one takes its place, for later steps to compare with, and looks
// whether it is healthy. Proves only that, and that the figures were taken or nothing runs yet. Once for each release that follows:
// whoever looks again after it finds that release itself.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { digestJson } from "./canonical-json.ts";
import { faultOf, healthTarget } from "./health.ts";
import { renderExpectation } from "./http/expectation.ts";
import { latencyTarget } from "./latency/definition.ts";
import { people } from "./latency.ts";
import { measure } from "./measures/measure.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Facts, type Observation, observe, type StepContext } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    targets: namedList(latencyTarget()).default([]),
    people: people().optional(),
    measures: z.record(z.string(), measure()).default({}),
    /** Must be healthy while the release before still runs. */
    health: namedList(healthTarget()).default([]),
    databaseUrl: z.string().optional(),
    redisUrl: z.string().optional(),
    redisCaFile: z.string().optional(),
    /** What will be released: another one is compared with new figures. */
    triggers: z.array(z.string()).default([]),
  });
type BaselineInputs = z.output<ReturnType<typeof inputs>>;

// Of more failures than this the percentile 95 may be one of them, and says nothing of good answers.
const MOST_FAILURES_PERCENT = 5;
const LATENCY = "latency-";
const NOTHING = "nothing runs before this release";

export const step = defineStep({
  inputs,
  secrets: ({ people: known, databaseUrl, redisUrl, targets }) => [
    ...(known ? [known.secret] : []),
    ...passwordsOf(databaseUrl ?? ""),
    ...passwordsOf(redisUrl ?? ""),
    ...targets.flatMap(({ headers }) => Object.values(headers)),
  ],
  rerun: subjectOf,
  deadlineSeconds: 1800,
  async run(given, context) {
    const before = digestJson(subjectOf(given));
    const kept = earlier().safeParse(context.previous).data;
    if (context.previous && kept?.before === before)
      return { observations: kept.observations, facts: context.previous };
    const latency = await takeLatency(given, context);
    const measures = await takeMeasures(given, context);
    const health = await Promise.all(given.health.map((target) => lookAt(target, context)));
    const observations = [...health, ...latency.observations, ...measures.observations];
    return {
      observations,
      facts: {
        ...{ latency: latency.facts, measures: measures.facts, before },
        untaken: latency.observations
          .filter(({ result }) => result === "inconclusive")
          .map(({ id }) => id.slice(LATENCY.length)),
        observations: observations.map((one) => ({ ...one })),
      },
    };
  },
});

/** What the figures are taken before. */
function subjectOf({ targets, measures, health, triggers }: BaselineInputs) {
  return { targets, measures, health, triggers };
}

/** What a run for the same release found, when there was one. */
const earlier = () =>
  z.object({
    before: z.string(),
    observations: z.array(
      z.strictObject({
        id: z.string(),
        result: z.enum(["passed", "failed", "notApplicable", "inconclusive"]),
        expected: z.string(),
        observed: z.string(),
      }),
    ),
  });

interface Taken {
  observations: Observation[];
  facts: Facts;
}

/** Nothing to compare with: before a first release it needs no more, and of an update nobody knows why. */
function untaken(
  id: string,
  expected: string,
  why: string,
  { previous }: Pick<StepContext, "previous">,
): Observation {
  return previous === undefined
    ? { id, result: "passed", expected, observed: `${NOTHING}: ${why}` }
    : { id, result: "inconclusive", expected, observed: why };
}

/** Percentile 95 by target, in milliseconds. */
async function takeLatency(given: BaselineInputs, context: StepContext): Promise<Taken> {
  const { signal } = context;
  const { driveTarget, tokensOf } = await import("./latency/run.ts");
  const { percentile } = await import("./percentile.ts");
  const { attempt } = await import("./http/request.ts");
  const tokens = await tokensOf(given.people);
  const taken: Taken = { observations: [], facts: {} };
  for (const target of given.targets) {
    const id = `${LATENCY}${target.name}`;
    const expected = "percentile 95 of the running release, where there is one";
    const first = await attempt({ url: target.url, timeoutSeconds: target.timeoutSeconds, signal });
    if ("error" in first) {
      taken.observations.push(untaken(id, expected, first.error, context));
      continue;
    }
    const driven = await driveTarget(target, tokens, signal, false);
    if (driven.milliseconds.length === 0) {
      taken.observations.push(untaken(id, expected, "no request was answered", context));
      continue;
    }
    const failed = Object.values(driven.failures).reduce((sum, count) => sum + count, 0);
    const most = Math.max(target.maximumFailurePercent, MOST_FAILURES_PERCENT);
    if (100 * failed > most * driven.sent) {
      const causes = Object.entries(driven.failures).map(([cause, count]) => `${count} ${cause}`);
      const why = `${failed} of ${driven.sent} requests failed, want at most ${most} %: ${causes.join(", ")}`;
      taken.observations.push(untaken(id, expected, why, context));
      continue;
    }
    const p95 = Number(percentile(driven.milliseconds, 95).toFixed(3));
    taken.facts[target.name] = p95;
    taken.observations.push({
      id,
      result: "passed",
      expected,
      observed: `${p95} ms of ${driven.sent} requests`,
    });
  }
  return taken;
}

/** Observation `health-TARGET`: of an update alone, since before the first release nothing answers. */
async function lookAt(
  target: BaselineInputs["health"][number],
  { signal, previous }: StepContext,
): Promise<Observation> {
  const id = `health-${target.name}`;
  const expected = `${renderExpectation(target.expect)}, of the release before`;
  const { attempt } = await import("./http/request.ts");
  const first = await attempt({ url: target.url, headers: target.headers, timeoutSeconds: 10, signal });
  if ("error" in first && previous === undefined)
    return { id, result: "notApplicable", expected, observed: `${NOTHING}: ${first.error}` };
  const fault = await faultOf(target, 10, signal);
  return observe(id, fault === undefined, expected, fault ?? "as wanted");
}

/** One reading of each measure. */
async function takeMeasures(given: BaselineInputs, context: StepContext): Promise<Taken> {
  const { readMeasures } = await import("./measures/reader.ts");
  const { values, errors } = await readMeasures(given.measures, given, context.signal);
  const observations = Object.keys(given.measures).map((name): Observation => {
    const value = values[name];
    const id = `measure-${name}`;
    const expected = "the figure of the running release, where there is one";
    if (value === undefined) return untaken(id, expected, errors[name] ?? "no figure", context);
    const observed = typeof value === "number" ? String(value) : "a histogram";
    return { id, result: "passed", expected, observed };
  });
  return { observations, facts: { ...values } };
}

/** Evidence: `health-TARGET`, `latency-TARGET` and `measure-NAME`; facts `latency` and `measures` are what later steps compare with, `untaken` the targets of an update whose figure could not be had. */
export class Baseline extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("baseline", name, args, opts);
  }
}
