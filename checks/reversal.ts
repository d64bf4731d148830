// Takes the database back to where a recorded release left it: with the down files of the migrations that came after, newest
// first, or from the backup of that time, restored beside the live database and switched to by name. Whether the objects are
// those of the record is proved by record.ts, whether the rows are right by rows.ts and smoke.ts.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { NAMINGS } from "./migrations/styles.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";
import { storedBackup } from "./stored-backup.ts";

const inputs = () =>
  z.strictObject({
    /** Address of the live database as the role that migrates it; secret. */
    databaseUrl: z.string().min(1),
    /** Address of a role that may create and rename databases; secret. */
    adminUrl: z.string().min(1),
    /** Directory with the migrations that are undone and their down files. */
    directory: z.string().min(1),
    /** The tool whose names and formats the files have. @default "greenlight" */
    naming: z.enum(NAMINGS).default("greenlight"),
    schema: z.string().min(1).default("public"),
    historyTable: z.string().min(1).default("greenlight_migrations"),
    /** The version to come back to, as `naming` has them, e.g. `0004`, `2.1`; `0` for none. */
    to: z.string().min(1),
    statementTimeoutSeconds: z.number().min(0).max(86_400).default(300),
    lockTimeoutSeconds: z.number().min(0.1).max(60).default(2),
    lockWaitSeconds: z.number().min(0).max(3600).default(120),
    /** Instead of down files: the backup, which also brings back rows. @default down files */
    restore: storedBackup()
      .extend({
        /** Rows and digest of every table when it was taken; null where they were too many to keep. */
        tables: z.record(z.string(), z.strictObject({ rows: z.number(), digest: z.string() })).nullable(),
        takenAt: z.string(),
        /** When this rollback began: what it restored itself is not restored again; what an earlier one restored is. */
        begunAt: z.string().default(""),
      })
      .optional(),
    /** Opens a sealed backup; secret. */
    encryptionKey: z.string().min(32).optional(),
  });
export type ReversalInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl, adminUrl, encryptionKey }) => [
    databaseUrl,
    adminUrl,
    ...passwordsOf(databaseUrl),
    ...passwordsOf(adminUrl),
    ...(encryptionKey === undefined ? [] : [encryptionKey]),
  ],
  // Looks every time where the database is, and does what is left to do.
  rerun: "always",
  deadlineSeconds: 14_400,
  plan: async (given, context) => (await import("./reversal/plan.ts")).planReversal(given, context),
  run: async (given, context) => (await import("./reversal/run.ts")).runReversal(given, context),
});

/**
 * Evidence: observations `at-version`; with a restore also `restored-equal` and `kept`; facts `reverted` (files and
 * milliseconds), `lost` (rows by table that the way back drops), `kept` (name of the database that was replaced),
 * `leftOut` (settings of it that a superuser has to make anew).
 */
export class Reversal extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("reversal", name, args, opts);
  }
}
