// Settings of the steps that change the database and prove what became of it.
import { z } from "zod";
// The formats belong to the checks.
import { autovacuumSettings } from "../../../checks/maintenance/autovacuum.ts";
import { STOPPERS } from "../../../checks/migrations/lint/names.ts";
import { NAMINGS } from "../../../checks/migrations/styles.ts";
import { identifier, path, stepOptions, whole } from "../kinds.ts";

/** `greenlight:migration` */
export const migration = () =>
  z
    .strictObject({
      directory: path().describe("the SQL files, `NNNN_name.sql`").meta({ example: "migrations" }),
      naming: z
        .enum(NAMINGS)
        .default("greenlight")
        .describe("the tool whose names and formats the files have"),
      schema: identifier().default("public").describe("schema of the history table"),
      historyTable: identifier()
        .default("greenlight_migrations")
        .describe("the table that records what was applied"),
      lockTimeoutSeconds: z
        .number()
        .min(0.1)
        .max(60)
        .default(2)
        .describe("longest wait for a lock on a table before the file is rolled back and tried again")
        .meta({ unit: "seconds" }),
      lockWaitSeconds: whole(0, 3600, "seconds")
        .default(120)
        .describe("for how long a locked table is tried again, and another deployment waited for"),
      statementTimeoutSeconds: whole(0, 86_400, "seconds")
        .default(300)
        .describe("limit of one statement; 0 is none"),
      outOfOrder: z
        .enum(["refuse", "allow"])
        .default("refuse")
        .describe("a file with a lower version than one already applied"),
      gaps: z.enum(["refuse", "allow"]).default("refuse").describe("a number left out between two files"),
      baseline: z
        .string()
        .regex(/^\w[\w.-]{0,199}$/)
        .optional()
        .describe("takes an existing database without history to be at this version")
        .meta({ example: "0004" }),
      lintFailOn: z
        .array(z.enum(STOPPERS))
        .default(["error"])
        .describe(
          "rules, or `error` and `warning` for all of that severity, whose findings stop the release",
        ),
      ...stepOptions,
    })
    .describe("Database migrations.")
    .meta({ example: { directory: "migrations", statementTimeoutSeconds: 300 } });

/** `greenlight:rehearsal` */
export const rehearsal = () =>
  z
    .strictObject({
      down: z
        .enum(["required", "optional"])
        .default("required")
        .describe("whether every pending file must have a way down that restores schema and rows"),
      beyondDatabase: z
        .enum(["refuse", "allow"])
        .default("refuse")
        .describe(
          "statements that reach beyond the copy on production's server, e.g. CREATE ROLE: `allow` runs them in the rehearsal",
        ),
      maximumSeconds: whole(1, 86_400, "seconds")
        .optional()
        .describe("longest time for the pending files on the copy"),
      previewSeconds: whole(0, 900, "seconds")
        .default(60)
        .describe(
          "longest time for the down files in a preview, on a copy of the schema without rows; 0 makes no copy there and leaves it to `up`",
        ),
      ...stepOptions,
    })
    .describe("The pending migrations run on a copy restored from the backup, before production is touched.")
    .meta({ example: { maximumSeconds: 120 } });

/** `greenlight:schema` */
export const schema = () =>
  z
    .strictObject({
      file: path().describe("what the schema must hold (YAML): tables, indexes, functions, policies, probes"),
      ...stepOptions,
    })
    .describe("The database's objects and who may see which rows.")
    .meta({ example: { file: "schema.yaml" } });

/** `greenlight:rows` */
export const rows = () =>
  z
    .strictObject({
      file: path().describe("queries and what they must give (YAML)"),
      statementTimeoutSeconds: whole(1, 3600, "seconds").default(30).describe("limit of one query"),
      ...stepOptions,
    })
    .describe("Rows that must be there.")
    .meta({ example: { file: "rows.yaml" } });

/** `greenlight:maintenance` */
export const maintenance = () =>
  z
    .strictObject({
      analyze: z
        .array(z.string().min(1))
        .default([])
        .describe("tables whose statistics are brought up to date"),
      refresh: z.array(z.string().min(1)).default([]).describe("materialized views that are refreshed"),
      autovacuum: autovacuumSettings().describe("storage parameters that tables must have"),
      slowStatements: z
        .strictObject({
          thresholdMilliseconds: whole(1, 600_000, "milliseconds").describe("mean time that is too long"),
          minimumCalls: whole(1, 1_000_000, "calls")
            .default(5)
            .describe("statements that were called less often are left out"),
          allowed: whole(0, 1000, "statements").default(0).describe("slow ones that are accepted"),
        })
        .optional()
        .describe("slow statements of the application in pg_stat_statements fail the step"),
      statementTimeoutSeconds: whole(1, 86_400, "seconds").default(600).describe("limit of one statement"),
      ...stepOptions,
    })
    .describe("What the database needs after a migration.")
    .meta({
      example: {
        analyze: ["orders"],
        autovacuum: { orders: { autovacuum_vacuum_scale_factor: 0.05 } },
        slowStatements: { thresholdMilliseconds: 100 },
      },
    });
