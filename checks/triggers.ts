// Proves that the reasons to go back are armed and did not come true: each names steps or observations, and fires when one of
// them failed. Says nothing about what no step looks at.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";
import { judgeTrigger } from "./triggers/judge.ts";

const outcome = () =>
  z.object({
    result: z.string(),
    observations: z.array(z.object({ id: z.string(), result: z.string() })),
  });

/** A reason to go back. */
export const trigger = () =>
  z.strictObject({
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    kind: z.enum(["immediate", "conditional"]),
    when: z.array(z.string().min(1)).min(1),
  });

const inputs = () =>
  z.strictObject({
    triggers: z.array(trigger()).min(1),
    /** Whether this deployment goes back: what it does not look at fires and fails nothing. @default false */
    rollback: z.boolean().default(false),
    /** Outcomes by step. */
    steps: z.record(z.string(), outcome()),
  });
export type TriggersInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: () => [],
  rerun: "always",
  deadlineSeconds: 30,
  async run({ triggers, steps, rollback }) {
    return { observations: triggers.map((trigger) => judgeTrigger(trigger, steps, rollback)), facts: {} };
  },
});

/** Evidence: one observation a trigger, by its name. */
export class Triggers extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("triggers", name, args, opts);
  }
}
