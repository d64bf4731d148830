// Proves before a release that the way back from it exists: down files that were rehearsed, a backup that restores, an earlier
// release on record with its project intact, and a time within the limit. Does not go back; greenlight rollback does.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const seen = () => z.array(z.object({ id: z.string(), result: z.string(), observed: z.string() }));

const inputs = () =>
  z.strictObject({
    /** Bucket for records. */
    bucket: z.string().min(3),
    prefix: z.string().default("records"),
    system: z.string().min(1),
    stack: z.string().min(1),
    /** What is being deployed, by part. */
    parts: z.record(z.string(), z.string()),
    /** Longest time of a rollback, 1 to 86400 s. */
    limitSeconds: z.number().int().min(1).max(86_400),
    /** What the rehearsal observed; absent where migrations are not rehearsed. */
    rehearsal: seen().optional(),
    /** What the backup observed; absent where the stack makes none. */
    backup: seen().optional(),
    /** Where databases that were replaced by a restore are, and how long they stay. @default no database */
    database: z
      .strictObject({
        /** Address of a role that may drop databases; secret. */
        adminUrl: z.string().min(1),
        /** The live database. */
        name: z.string().min(1),
        keepHours: z.number().min(0).max(8760),
      })
      .optional(),
  });
export type RollbackInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ database }) => (database ? [database.adminUrl, ...passwordsOf(database.adminUrl)] : []),
  rerun: "always",
  deadlineSeconds: 300,
  run: async (given, context) => (await import("./rollback/run.ts")).runRollback(given, context),
});

/** Evidence: observations `down-files`, `backup`, `target`, `project`, `duration`, `prepared`, `replaced`; facts `to`, `expectedSeconds`. */
export class Rollback extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("rollback", name, args, opts);
  }
}
