// Proves that each target answered as wanted several times in a row before its time was up. Says nothing about what
// users can do (smoke) or how fast it is under load (latency).
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { expectation, faultsOf, renderExpectation } from "./http/expectation.ts";
import { exchange } from "./http/request.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Facts, type Finding, type Observation, observe } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";
import { waitUntil } from "./wait.ts";

/** What is asked, and what must be answered. */
export const healthTarget = () =>
  z.strictObject({
    /** Observation id, kebab-case, e.g. `application`. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case"),
    url: z.url(),
    headers: z.record(z.string(), z.string()).default({}),
    /** @default any 2xx status */
    expect: expectation().prefault({}),
  });

const inputs = () =>
  z.strictObject({
    targets: namedList(healthTarget()).min(1),
    /** Good answers in a row that make a target healthy, 1 to 100. @default 3 */
    consecutive: z.number().int().min(1).max(100).default(3),
    /** Pause between two looks at a target. @default 1 */
    everySeconds: z.number().min(0.05).max(300).default(1),
    /** Time for one answer. @default 5 */
    timeoutSeconds: z.number().min(0.1).max(60).default(5),
    /** Time for all of them to become healthy. @default 60 */
    withinSeconds: z.number().min(1).max(3600).default(60),
  });
type HealthInputs = z.output<ReturnType<typeof inputs>>;
type Target = HealthInputs["targets"][number];

export const step = defineStep({
  inputs,
  secrets: (given) => given.targets.flatMap((t) => [...Object.values(t.headers), ...passwordsOf(t.url)]),
  rerun: "always",
  deadlineSeconds: 600,
  allowedSeconds: ({ withinSeconds }) => withinSeconds,
  async plan({ targets = [], consecutive = 3, withinSeconds = 60 }) {
    return targets.map(
      ({ name, url }) => `${name}: ${url} good ${consecutive} times in a row within ${withinSeconds} s`,
    );
  },
  async run(given, { signal }): Promise<Finding> {
    const looks = await Promise.all(given.targets.map((t) => look(t, given, signal)));
    const facts: Facts = Object.fromEntries(looks.map(({ observation, fact }) => [observation.id, fact]));
    return { observations: looks.map(({ observation }) => observation), facts };
  },
});

async function look(
  wanted: Target,
  given: HealthInputs,
  signal: AbortSignal,
): Promise<{ observation: Observation; fact: Facts }> {
  let inARow = 0;
  let faults = 0;
  const waited = await waitUntil(
    async () => {
      const fault = await faultOf(wanted, given.timeoutSeconds, signal);
      inARow = fault === undefined ? inARow + 1 : 0;
      faults += fault === undefined ? 0 : 1;
      return fault;
    },
    () => inARow >= given.consecutive,
    { withinSeconds: given.withinSeconds, everySeconds: given.everySeconds, signal },
  );
  const expected = `${renderExpectation(wanted.expect)}, ${given.consecutive} times in a row within ${given.withinSeconds} s`;
  // The last look may have begun in time and ended after it.
  const isLate = waited.seconds > given.withinSeconds;
  const why = waited.ready ? (isLate ? ", too late" : "") : `; last: ${waited.value ?? "good"}`;
  const seen = `${inARow} good answers in a row after ${waited.seconds.toFixed(1)} s${why}`;
  return {
    observation: observe(wanted.name, waited.ready && !isLate, expected, seen),
    fact: { url: wanted.url, looks: waited.attempts, faults, seconds: waited.seconds },
  };
}

/** What is wrong with one answer; undefined when nothing is. @throws when the signal ends it */
export async function faultOf(
  wanted: Target,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await exchange({ url: wanted.url, headers: wanted.headers, timeoutSeconds, signal });
    return faultsOf(answer, wanted.expect).join("; ") || undefined;
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    return error.message;
  }
}

/** Evidence: one observation a target, named as the target. */
export class Health extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("health", name, args, opts);
  }
}
