// What happens to the database and what it must be afterwards: migration, schema, rows, maintenance.
import { Maintenance } from "../checks/maintenance.ts";
import { Migration } from "../checks/migration.ts";
import { Rows } from "../checks/rows.ts";
import { Schema } from "../checks/schema.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";
import { afterReversal } from "./undo.ts";

export function migration(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.migration || !estate.database) return;
  const { lintFailOn, directory, ...given } = settings.migration;
  stack.sequence.add(Migration, "migration", {
    ...given,
    directory: stack.path(directory),
    databaseUrl: afterReversal(stack, estate.database.migratorUrl),
    lint: { failOn: lintFailOn },
    release: settings.release?.version,
  });
}

export function schema(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.schema || !settings.expected.schema || !estate.database) return;
  stack.sequence.add(Schema, "schema", {
    ...settings.expected.schema,
    databaseUrl: estate.database.migratorUrl,
    // Probes become other roles, which only the administrator may.
    probeUrl: estate.database.adminUrl,
    ...stepOptions(settings.schema),
  });
}

export function rows(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.rows || !settings.expected.rows || !estate.database) return;
  stack.sequence.add(Rows, "rows", {
    ...settings.expected.rows,
    databaseUrl: estate.database.migratorUrl,
    statementTimeoutSeconds: settings.rows.statementTimeoutSeconds,
    ...stepOptions(settings.rows),
  });
}

export function maintenance(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.maintenance || !estate.database) return;
  const { slowStatements, ...given } = settings.maintenance;
  stack.sequence.add(Maintenance, "maintenance", {
    ...given,
    databaseUrl: estate.database.migratorUrl,
    statisticsUrl: estate.database.adminUrl,
    // Dumps and migrations may take their time; people wait for the application.
    ...(slowStatements && {
      slowStatements: { ...slowStatements, roles: estate.database.applicationLogins },
    }),
  });
}
