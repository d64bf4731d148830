// Proves, before production is touched, that the pending migrations run on its data: on a copy restored from the backup they go
// up, down and up again, and the way down leaves schema and rows as they were. Says nothing about locks that other sessions
// hold in production, nor about what depends on the database's name or on other servers.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { identityOf } from "./database.ts";
import { readMigrations } from "./migrations/directory.ts";
import { NAMINGS } from "./migrations/styles.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";
import { storedBackup } from "./stored-backup.ts";

const identifier = () => z.string().min(1).max(63);

const inputs = () =>
  z.strictObject({
    /** Directory of the migrations, absolute or relative to the program. */
    directory: z.string().min(1),
    naming: z.enum(NAMINGS).default("greenlight"),
    /** Address of the database as the role that migrates it; secret. The copy is made for this role. */
    databaseUrl: z.string().min(1),
    /** Address of a role that may create databases, where the copy is made for a while; secret. @default databaseUrl */
    restoreUrl: z.string().min(1).optional(),
    /** The backup that the copy is restored from. */
    backup: storedBackup(),
    /** Opens a sealed backup; secret. @default not sealed */
    encryptionKey: z.string().min(32).optional(),
    schema: identifier().default("public"),
    historyTable: identifier().default("greenlight_migrations"),
    /** Limit of one statement, 0 (none) to 86400. @default 300 */
    statementTimeoutSeconds: z.number().min(0).max(86_400).default(300),
    outOfOrder: z.enum(["refuse", "allow"]).default("refuse"),
    gaps: z.enum(["refuse", "allow"]).default("refuse"),
    baseline: z
      .string()
      .regex(/^\w[\w.-]{0,199}$/)
      .optional(),
    /** Whether every pending file must have a way down. @default "required" */
    down: z.enum(["required", "optional"]).default("required"),
    /** Statements that reach beyond the copy, e.g. CREATE ROLE, on the server that production is on. @default "refuse" */
    beyondDatabase: z.enum(["refuse", "allow"]).default("refuse"),
    /** Longest time for the pending files on the copy, 1 to 86400 s. @default no limit */
    maximumSeconds: z.number().min(1).max(86_400).optional(),
    /** Longest time for the ways down in a preview, on a copy of the schema alone, 0 (never there) to 900 s. @default 60 */
    previewSeconds: z.number().min(0).max(900).default(60),
  });
export type RehearsalInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl, restoreUrl, encryptionKey }) => [
    databaseUrl,
    ...passwordsOf(databaseUrl),
    ...(restoreUrl === undefined ? [] : [restoreUrl, ...passwordsOf(restoreUrl)]),
    ...(encryptionKey === undefined ? [] : [encryptionKey]),
  ],
  rerun: ({ directory, naming, databaseUrl, backup, down, beyondDatabase, maximumSeconds }) => ({
    files: readMigrations(directory, naming).migrations.map(({ path, sha256, down: back }) => [
      path,
      sha256,
      back?.sha256 ?? null,
    ]),
    database: identityOf(databaseUrl),
    backup: backup.key,
    down,
    beyondDatabase,
    maximumSeconds,
  }),
  deadlineSeconds: 14_400,
  // The ways down, and time to drop the copy.
  planSeconds: ({ previewSeconds = 60 }) => previewSeconds + 20,
  plan: async (given, context) => (await import("./rehearsal/plan.ts")).planRehearsal(given, context),
  run: async (given, context) => (await import("./rehearsal/run.ts")).runRehearsal(given, context),
});

/**
 * Evidence: observations `isolated`, `up`, `reversible`, `schema-restored`, `data-restored`, `again`, `duration`; facts
 * `files` (up, down and second up in milliseconds each), `schemaDigest`, `dataDigest` and `rowsChanged` by table.
 */
export class Rehearsal extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("rehearsal", name, args, opts);
  }
}
