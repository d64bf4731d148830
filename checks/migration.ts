// Proves that the database is at the newest migration and that every applied file is the one in the directory. What the
// files made of the database is judged by schema.ts; data by rows.ts.
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { addressOf, identityOf, withDatabase } from "./database.ts";
import { readMigrations, requireMigrations } from "./migrations/directory.ts";
import { evidenceOf } from "./migrations/evidence.ts";
import { NAMINGS } from "./migrations/styles.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const identifier = () => z.string().min(1).max(63);

const inputs = () =>
  z.strictObject({
    /** Directory of NNNN_name.sql files, absolute or relative to the program. */
    directory: z.string().min(1),
    /** Whose names and formats the files have. @default "greenlight" */
    naming: z.enum(NAMINGS).default("greenlight"),
    /** Address of the database as the role that owns its objects; secret. */
    databaseUrl: z.string().min(1),
    /** Schema of the history table; created when missing. @default "public" */
    schema: identifier().default("public"),
    /** @default "greenlight_migrations" */
    historyTable: identifier().default("greenlight_migrations"),
    /** Longest wait for a lock on a table before the file is rolled back and tried again, 0.1 to 60. @default 2 */
    lockTimeoutSeconds: z.number().min(0.1).max(60).default(2),
    /** For how long a locked table is tried again, and another run waited for, 0 to 3600. @default 120 */
    lockWaitSeconds: z.number().min(0).max(3600).default(120),
    /** Limit of one statement, 0 (none) to 86400; a file may set its own. @default 300 */
    statementTimeoutSeconds: z.number().min(0).max(86_400).default(300),
    /** A file with a lower version than one already applied. @default "refuse" */
    outOfOrder: z.enum(["refuse", "allow"]).default("refuse"),
    /** A number left out between two files. @default "refuse" */
    gaps: z.enum(["refuse", "allow"]).default("refuse"),
    /** An existing database without history is taken to be at this version. @default none */
    baseline: z
      .string()
      .regex(/^\w[\w.-]{0,199}$/, "must be a version, e.g. 0004")
      .optional(),
    lint: z
      .strictObject({
        /** Rules, or `error` and `warning` for all of that severity, whose findings stop the release. @default ["error"] */
        failOn: z.array(z.string().min(1)).default(["error"]),
      })
      .prefault({}),
    /** Written into the history beside each file, e.g. the commit. @default "" */
    release: z.string().max(200).default(""),
  });
export type MigrationInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl }) => [databaseUrl, ...passwordsOf(databaseUrl)],
  // Runs again for other files or another database, not for another password or another clone of the repository.
  rerun: ({ directory, naming, databaseUrl, schema, historyTable }) => ({
    files: readMigrations(directory, naming).digest,
    database: identityOf(databaseUrl),
    history: `${schema}.${historyTable}`,
  }),
  // The database went back since: by hand, or to an earlier state of itself.
  again: async (given, _previous, { signal }) =>
    (await import("./migrations/preview.ts")).isBehind(given, signal),
  deadlineSeconds: 1800,
  async run(given, context) {
    const { migrateUp } = await import("./migrations/up.ts");
    const { approval } = await import("./migrations/approval.ts");
    const set = readMigrations(given.directory, given.naming);
    requireMigrations(set, given.naming);
    const session = { application: "migration", signal: context.signal };
    const started = performance.now();
    const result = await withDatabase(given.databaseUrl, session, (client) =>
      migrateUp(client, set, {
        ...given,
        place: { schema: given.schema, table: given.historyTable },
        approve: approval({
          failOn: given.lint.failOn,
          statementTimeoutSeconds: given.statementTimeoutSeconds,
        }),
        signal: context.signal,
        log: context.log,
      }),
    );
    return evidenceOf(set, result, {
      database: addressOf(given.databaseUrl),
      seconds: (performance.now() - started) / 1000,
    });
  },
  async plan(given, { signal }) {
    const { planLines } = await import("./migrations/preview.ts");
    return planLines(given, signal);
  },
});

/** Evidence: `files`, `history` and one observation a file, e.g. `file-0004-add-orders`. */
export class Migration extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("migration", name, args, opts);
  }
}
