// Tells people that a release or a rollback begins, that it is proven, or, run by a step that fails, that it failed. A channel that does not
// take the message is on record and fails nothing. Does not prove that anybody reads it.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { audience, secretsOf, tell, titleOf } from "./notification/audience.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const SAYINGS = { start: "begins", success: "is proven", failure: "failed" } as const;

const inputs = () =>
  z.strictObject({
    event: z.enum(["start", "success", "failure"]),
    audience: audience(),
    /** What is told of is a rollback to the release. @default a release */
    rollback: z.boolean().default(false),
    /** Said below the first line, e.g. what failed. */
    text: z.string().default(""),
    /** Told again when one changes, e.g. when the release step last ran. */
    triggers: z.array(z.string()).default([]),
  });

export const step = defineStep({
  inputs,
  secrets: ({ audience: whom }) => secretsOf(whom),
  rerun: ({ event, audience: { release }, rollback, triggers }) => ({
    event,
    release,
    triggers,
    rollback: rollback || undefined,
  }),
  deadlineSeconds: 60,
  async plan({ audience: whom }) {
    return whom ? [`tells ${Object.keys(whom.channels).join(", ")}`] : [];
  },
  async run({ event, audience: whom, rollback, text }, { signal }) {
    const what = rollback ? `rollback to ${titleOf(whom)}` : titleOf(whom);
    const deliveries = await tell(whom, `${what} ${SAYINGS[event]}`, text, signal);
    return {
      observations: deliveries.map(({ channel, problem }) => ({
        id: `${channel}-told`,
        result: problem === undefined ? "passed" : "notApplicable",
        expected: "the message is taken",
        observed: problem === undefined ? "taken" : `not taken: ${problem}`,
      })),
      facts: { event: rollback ? "rollback" : event },
    };
  },
});

/** Evidence: `CHANNEL-told` for each channel; not applicable where the channel did not take the message. */
export class Notification extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("notification", name, args, opts);
  }
}
