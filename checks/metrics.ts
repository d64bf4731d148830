// Proves that the released application's metrics are there: families with type, labels and figures in bounds, and counters that really
// count when it is used. Says nothing about whether anybody collects them; dashboards and alarms do.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { counted, wantedFamily } from "./metrics/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Prometheus endpoint. */
    url: z.url(),
    families: namedList(wantedFamily()).min(1),
    counts: namedList(counted()).default([]),
  });
export type MetricsInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ counts }) => counts.flatMap(({ request }) => Object.values(request.headers)),
  rerun: "always",
  deadlineSeconds: 600,
  allowedSeconds: ({ counts }) => counts.reduce((sum, { withinSeconds }) => sum + withinSeconds, 0),
  async plan({ url, families = [], counts = [] }) {
    return [`${families.length} families of metrics at ${url}, ${counts.length} of them counting`];
  },
  run: async (given, context) => (await import("./metrics/run.ts")).runMetrics(given, context),
});

/** Evidence: `endpoint`, `family-NAME`, `counts-NAME`. */
export class MetricsProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("metrics", name, args, opts);
  }
}
