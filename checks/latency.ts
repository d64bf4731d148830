// Proves how fast the released application answers at a constant rate of requests, by exact percentiles, and how fast the database
// was meanwhile; compares with the release before. Requests are sent when they are due, so a server that stalls is charged for all
// that would have come. Says nothing about other routes, other rates, or what users' networks add.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { databaseLatency, latencyTarget } from "./latency/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

/** Whose tokens authorized targets send. */
export const people = () =>
  z.strictObject({
    secret: z.string().min(16),
    algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
    claims: z.record(z.string(), z.json()).default({}),
    /** How many different ones; each has a `sub` of its own. */
    count: z.number().int().min(1).max(10_000).default(50),
  });

const inputs = () =>
  z.strictObject({
    targets: namedList(latencyTarget()).min(1),
    people: people().optional(),
    database: databaseLatency().optional(),
    /** A role that may read all of pg_stat_statements. */
    databaseUrl: z.string().optional(),
    /** Percentile 95 before the release, in milliseconds by target: facts of the baseline step. */
    baseline: z.record(z.string(), z.number()).default({}),
    /** Targets that something answered for before the release, nobody knows how fast. */
    untaken: z.array(z.string()).default([]),
    /** Makes it run again when one changes, e.g. when the release step last ran. */
    triggers: z.array(z.string()).default([]),
  });
export type LatencyInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ people: known, databaseUrl, targets }) => [
    ...(known ? [known.secret] : []),
    ...passwordsOf(databaseUrl ?? ""),
    ...targets.flatMap(({ headers, url }) => [...Object.values(headers), ...passwordsOf(url)]),
  ],
  // Load is for what was released, not for every look.
  rerun: ({ targets, database, triggers }) => ({ targets, database, triggers }),
  deadlineSeconds: 3600,
  allowedSeconds: ({ targets }) =>
    targets.reduce((sum, { seconds, warmUpSeconds }) => sum + seconds + warmUpSeconds, 0),
  async plan({ targets = [] }) {
    return targets.map((t) => `${t.name}: ${t.perSecond} requests/s to ${t.url} for ${t.seconds} s`);
  },
  run: async (given, context) => (await import("./latency/run.ts")).runLatency(given, context),
});

/** Evidence: `NAME-failures`, `NAME-p50`, `-p95`, `-p99`, `-maximum`, `-throughput`, `-baseline`; `database-mean`, `database-slowest`. */
export class Latency extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("latency", name, args, opts);
  }
}
