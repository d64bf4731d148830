// Proves that what must rest during a release does: flags off with the value before on record, queues paused and drained to zero by
// a deadline. Says nothing about work that no flag and no queue shows.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { quietInputs, quietSecrets } from "./quiesce/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    ...quietInputs,
    /** Time until nothing is in work any more. */
    drainSeconds: z.number().min(1).max(86_400).default(120),
    everySeconds: z.number().min(0.05).max(60).default(0.5),
    /** What will be done meanwhile: nothing is switched off for a run that does nothing. */
    triggers: z.array(z.string()).default([]),
  });
export type QuiesceInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: quietSecrets,
  rerun: ({ flags, queues, triggers }) => ({ flags, queues, triggers }),
  // A later step of the last run failed and everything was switched on again. Where that cannot be asked, e.g. for a moment without a
  // session to be had, it may be so: to switch off what is off does no harm.
  async again(given, _previous, { signal }) {
    const { lastState } = await import("./quiesce/journal.ts");
    return lastState(given, signal).then(
      (state) => state === "failed",
      () => true,
    );
  },
  deadlineSeconds: 900,
  allowedSeconds: ({ drainSeconds, queues }) => drainSeconds * queues.length,
  async plan({ flags = [], queues = [], drainSeconds = 120 }) {
    return [
      ...flags.map(({ name, off }) => `flag ${name}: ${off} until the release is done`),
      ...queues.map(({ name }) => `queue ${name}: 0 in work within ${drainSeconds} s`),
    ];
  },
  run: async (given, context) => (await import("./quiesce/run.ts")).runQuiesce(given, context),
});

/** Evidence: `flag-NAME`, `paused-NAME`, `drained-NAME`; facts `flags` are the values before. */
export class Quiesce extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("quiesce", name, args, opts);
  }
}
