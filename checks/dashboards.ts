// Proves that the dashboards are there as they were defined, and that each of their panels has something to show of this release: a panel over a metric
// that nobody writes looks like calm. Says nothing about whether the right things are on them.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    dashboards: z
      .array(
        z.strictObject({
          /** Kebab-case, for the observations. */
          id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
          dashboardName: z.string().min(1),
          /** CloudWatch's JSON. */
          body: z.string().min(2),
        }),
      )
      .min(1),
    /** When the release was made: every series must have a datapoint since the last of these times. */
    since: z.array(z.string()).default([]),
    /** Age that the newest datapoint of a dashboard may have: what is written only now and then may be older. */
    freshSeconds: z.number().int().min(60).max(86_400).default(300),
    /** Time for datapoints to come after a release. */
    withinSeconds: z.number().min(1).max(3600).default(120),
  });
export type DashboardsInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 900,
  allowedSeconds: ({ withinSeconds }) => withinSeconds,
  async plan({ dashboards = [], freshSeconds = 300 }) {
    return dashboards.map(
      ({ dashboardName }) =>
        `${dashboardName}: each series with a datapoint since the release, the newest of the last ${freshSeconds} s`,
    );
  },
  run: async (given, context) => (await import("./dashboards/run.ts")).runDashboards(given, context),
});

/** Evidence: `defined-ID` and `data-ID` for each dashboard. */
export class DashboardProof extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("dashboards", name, args, opts);
  }
}
