// Takes the figures of the release that runs now, before another one takes its place, for later steps to compare with, and looks
// whether it is healthy. Proves only that, and that the figures were taken or nothing runs yet. Once for each release that follows.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
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

const NOTHING = "nothing runs before this release";

export const step = defineStep({
  inputs,
  secrets: ({ people: known, databaseUrl, redisUrl, targets }) => [
    ...(known ? [known.secret] : []),
    ...passwordsOf(databaseUrl ?? ""),
    ...passwordsOf(redisUrl ?? ""),
    ...targets.flatMap(({ headers }) => Object.values(headers)),
  ],
  rerun: ({ targets, measures, health, triggers }) => ({ targets, measures, health, triggers }),
  deadlineSeconds: 1800,
  async run(given, context) {
    const latency = await takeLatency(given, context);
    const measures = await takeMeasures(given, context);
    const health = await Promise.all(given.health.map((target) => lookAt(target, context)));
    return {
      observations: [...health, ...latency.observations, ...measures.observations],
      facts: { latency: latency.facts, measures: measures.facts },
    };
  },
});

interface Taken {
  observations: Observation[];
  facts: Facts;
}

/** Percentile 95 by target, in milliseconds. */
async function takeLatency(given: BaselineInputs, { signal }: StepContext): Promise<Taken> {
  const { driveTarget, tokensOf } = await import("./latency/run.ts");
  const { percentile } = await import("./percentile.ts");
  const { attempt } = await import("./http/request.ts");
  const tokens = await tokensOf(given.people);
  const taken: Taken = { observations: [], facts: {} };
  for (const target of given.targets) {
    const id = `latency-${target.name}`;
    const expected = "percentile 95 of the running release, where there is one";
    const first = await attempt({ url: target.url, timeoutSeconds: target.timeoutSeconds, signal });
    if ("error" in first) {
      taken.observations.push({ id, result: "passed", expected, observed: `${NOTHING}: ${first.error}` });
      continue;
    }
    const driven = await driveTarget(target, tokens, signal, false);
    if (driven.milliseconds.length === 0) {
      taken.observations.push({
        id,
        result: "passed",
        expected,
        observed: "the running release answers nothing",
      });
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
async function takeMeasures(given: BaselineInputs, { signal }: StepContext): Promise<Taken> {
  const { readMeasures } = await import("./measures/reader.ts");
  const { values, errors } = await readMeasures(given.measures, given, signal);
  const observations = Object.keys(given.measures).map((name): Observation => {
    const value = values[name];
    const shown = typeof value === "number" ? String(value) : "a histogram";
    return {
      id: `measure-${name}`,
      result: "passed",
      expected: "the figure of the running release, where there is one",
      observed: value === undefined ? `${NOTHING}: ${errors[name]}` : shown,
    };
  });
  return { observations, facts: { ...values } };
}

/** Evidence: `health-TARGET`, `latency-TARGET` and `measure-NAME`; facts `latency` and `measures` are what later steps compare with. */
export class Baseline extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("baseline", name, args, opts);
  }
}
