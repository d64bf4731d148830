// Proves that named persons decided on exactly what is about to be deployed, by SSH signatures over its digest.
// Says nothing about whether they looked; a changed release, setting or migration makes every signature void.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { freeze } from "./sign-off/freeze.ts";
import { recordedGate } from "./sign-off/recorded.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const signOffInputs = () =>
  z.strictObject({
    system: z.string().min(1),
    stack: z.string().min(1),
    release: z.string().min(1),
    phase: z.enum(["before", "after"]),
    /** What would be deployed, by part; a part is text or a digest. */
    subject: z.record(z.string(), z.string()),
    /** Who has to sign: `count` different persons in each role. */
    required: z.array(z.strictObject({ role: z.string().min(1), count: z.number().int().min(1).max(20) })),
    signers: z.array(
      z.strictObject({
        person: z.string().min(1),
        key: z.string().regex(/^(ssh|ecdsa|sk)-\S+ \S+/),
        roles: z.array(z.string().min(1)).min(1),
      }),
    ),
    /** Folder with the statements, absolute. */
    directory: z.string().min(1),
    /** How long a signature counts, 1 hour to 90 days. */
    validHours: z.number().int().min(1).max(2160),
    /** Persons whose signature does not count: who made the change. */
    barred: z.array(z.string().min(1)),
    /** Roles in which boxes of the checklist may be waived. @default none */
    waiverRoles: z.array(z.string().min(1)).default([]),
    /** Times in which nothing is deployed. @default none */
    freezes: z.array(freeze()).default([]),
    /** How long the gate waits for signatures that are missing, 0 to 86400 s. @default 0 */
    waitSeconds: z.number().int().min(0).max(86_400).default(0),
    /** How long after its first look signatures may come in without failing it, 0 to 2160 h. @default 0 */
    graceHours: z.number().int().min(0).max(2160).default(0),
    /** A rollback to a release that was signed before, named by its record: nobody has to sign again. */
    rollback: z
      .strictObject({
        record: z.string().min(1),
        /** Parts that have to be as recorded. */
        subject: z.record(z.string(), z.string()),
        /** What this gate kept then; null where that release had no such gate. */
        gate: recordedGate().nullable(),
      })
      .optional(),
  });
export type SignOffInputs = z.output<ReturnType<typeof signOffInputs>>;

export const step = defineStep({
  inputs: signOffInputs,
  secrets: () => [],
  rerun: ({ subject, release, phase, required, signers, barred, waiverRoles, rollback }) => ({
    subject,
    release,
    phase,
    required,
    signers,
    barred,
    waiverRoles,
    rollback,
    // Acceptance comes in later, so it is looked for every time.
    at: phase === "after" ? Date.now() : 0,
  }),
  deadlineSeconds: 86_400 + 60,
  async plan(inputs) {
    const { subject, required, signers, directory, release } = inputs;
    if (!subject || !required || !signers || !directory || !release)
      return ["what has to be signed is unknown until up"];
    return (await import("./sign-off/run.ts")).planSignOff(signOffInputs().parse(inputs));
  },
  run: async (inputs, context) => (await import("./sign-off/run.ts")).runSignOff(inputs, context),
});

export { slugOf } from "./sign-off/observations.ts";

/**
 * A gate that only signatures open. Whatever must not change before depends on it. Evidence: one observation a role,
 * `no-veto`, `no-freeze` where there are windows; facts `subject`, `parts`, `signed`, `statements`, `waivers`, `refused`.
 */
export class SignOff extends Step {
  constructor(
    name: string,
    args: ArgsOf<typeof signOffInputs> & StepOptions,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super("sign-off", name, args, opts);
  }
}
