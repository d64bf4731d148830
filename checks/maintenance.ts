// Brings the planner's statistics up to date after a migration and proves it; proves the storage settings that autovacuum goes
// by; lists slow statements and sizes. Says nothing about latency as users see it.
import type * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import { z } from "zod";
import { addressOf, withDatabase } from "./database.ts";
import { analyze } from "./maintenance/analyze.ts";
import { autovacuum, autovacuumSettings } from "./maintenance/autovacuum.ts";
import { refreshViews } from "./maintenance/refresh.ts";
import { tableSizes } from "./maintenance/sizes.ts";
import { slowStatements } from "./maintenance/slow-statements.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Observation } from "./step/definition.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const name = () => z.string().min(1);

const inputs = () =>
  z.strictObject({
    /** Address of the tables' owner; secret. */
    databaseUrl: z.string().min(1),
    /** Address of a role that may read other roles' statements in pg_stat_statements; secret. @default databaseUrl */
    statisticsUrl: z.string().min(1).optional(),
    /** Tables to ANALYZE; a name outside of `public` carries its schema. @default [] */
    analyze: z.array(name()).default([]),
    /** Materialized views to refresh, concurrently where they can be read meanwhile. @default [] */
    refresh: z.array(name()).default([]),
    /** Storage parameters by table, e.g. `autovacuum_vacuum_scale_factor: 0.05`. @default none */
    autovacuum: autovacuumSettings(),
    /** Statements in pg_stat_statements that are slower on average fail the check. @default not looked at */
    slowStatements: z
      .strictObject({
        /** Mean time, 1 to 600000. */
        thresholdMilliseconds: z.number().min(1).max(600_000),
        /** Statements that were called less often are left out. @default 5 */
        minimumCalls: z.number().int().min(1).default(5),
        /** Slow statements that are accepted. @default 0 */
        allowed: z.number().int().min(0).default(0),
        /** Roles whose statements count, e.g. the application's: dumps may be slow. @default all */
        roles: z.array(name()).min(1).optional(),
      })
      .optional(),
    /** Schemas whose table sizes are kept as facts. @default ["public"] */
    schemas: z.array(name()).min(1).default(["public"]),
    /** Limit of one statement, 1 to 86400. @default 600 */
    statementTimeoutSeconds: z.number().min(1).max(86_400).default(600),
  });
export type MaintenanceInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl, statisticsUrl = databaseUrl }) =>
    [databaseUrl, statisticsUrl].flatMap((url) => [url, ...passwordsOf(url)]),
  rerun: "always",
  deadlineSeconds: 1800,
  async run(given, { signal, log }) {
    const { statementTimeoutSeconds } = given;
    const session = { application: "maintenance", signal, statementTimeoutSeconds };
    return withDatabase(given.databaseUrl, session, async (client) => {
      const observations = await look(client, given, signal, log);
      const { slowStatements: limits, statisticsUrl = given.databaseUrl } = given;
      const slow = limits
        ? [await withDatabase(statisticsUrl, session, (reader) => slowStatements(reader, limits))]
        : [];
      const sizes = await tableSizes(client, given.schemas);
      return {
        observations: [...observations, ...slow, ...sizes.observations],
        facts: { database: addressOf(given.databaseUrl), ...sizes.facts },
      };
    });
  },
});

async function look(
  client: Client,
  given: MaintenanceInputs,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const view of given.refresh) observations.push(await refreshViews(client, view, signal, log));
  for (const table of given.analyze) observations.push(await analyze(client, table, signal, log));
  observations.push(...(await autovacuum(client, given.autovacuum)));
  return observations;
}

/** Evidence: `analyze-TABLE`, `refresh-VIEW`, `autovacuum-TABLE`, `slow-statements`, `table-sizes`. */
export class Maintenance extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("maintenance", name, args, opts);
  }
}
