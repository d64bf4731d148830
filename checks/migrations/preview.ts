// The dry run of a migration: which files are pending, what lint finds in them and which locks they take. Reads only.
import type { Client } from "pg";
import { Unreachable, withDatabase } from "../database.ts";
import type { MigrationInputs } from "../migration.ts";
import { approvedLines } from "./approval.ts";
import { isEmpty } from "./baseline.ts";
import { type Migration, type MigrationSet, readMigrations, requireMigrations } from "./directory.ts";
import { type Grammar, loadGrammar } from "./grammar.ts";
import { type HistoryRow, readHistory } from "./history.ts";
import { invalidIndexes } from "./index-repair.ts";
import { tableFacts } from "./lint/context.ts";
import { compareVersions } from "./naming.ts";
import { pendingOf } from "./pending.ts";
import { readScript, type Script } from "./script.ts";
import { newestOf, refuse } from "./up.ts";

// A preview is to answer within seconds, also behind a database that does not.
const SESSION = { application: "migration preview", statementTimeoutSeconds: 10, connectTimeoutSeconds: 5 };

/** Whether the database is at an earlier version than the newest file's: what was proven of it once is no longer so. */
export async function isBehind(given: MigrationInputs, signal: AbortSignal): Promise<boolean> {
  const place = { schema: given.schema, table: given.historyTable };
  const history = await withDatabase(given.databaseUrl, { ...SESSION, signal }, (client) =>
    readHistory(client, place),
  );
  const versioned = readMigrations(given.directory, given.naming).migrations.filter(
    ({ kind }) => kind === "versioned",
  );
  return compareVersions(newestOf(history ?? []) ?? "0", versioned.at(-1)?.version ?? "0") < 0;
}

/** @throws when files contradict the history, cannot be run, or have findings that stop the release */
export async function planLines(given: Partial<MigrationInputs>, signal: AbortSignal): Promise<string[]> {
  const { directory, databaseUrl } = given;
  if (directory === undefined) return ["the directory of migrations is not known before up"];
  const set = readMigrations(directory, given.naming);
  requireMigrations(set, given.naming);
  const grammar = await loadGrammar();
  if (databaseUrl === undefined) return unknownState(set, given, grammar, "the database is not known");
  try {
    return await withDatabase(databaseUrl, { ...SESSION, signal }, async (client) => {
      const place = {
        schema: given.schema ?? "public",
        table: given.historyTable ?? "greenlight_migrations",
      };
      const history = (await readHistory(client, place)) ?? [];
      const pending = pendingOf(set, history, {
        outOfOrder: given.outOfOrder ?? "refuse",
        gaps: given.gaps ?? "refuse",
      });
      refuse(pending.refusals);
      const leftovers = await leftoverLines(client);
      if (pending.migrations.length === 0)
        return [
          `nothing pending: all ${set.migrations.length} files are applied, the database is at ${newestOf(history) ?? "no migration"}`,
          ...leftovers,
        ];
      const tables = await tableFacts(client);
      const { adopted, rest } = split(
        pending.migrations,
        history,
        given.baseline,
        await isEmpty(client, place),
      );
      return [
        `${rest.length} of ${set.migrations.length} files pending, the database is at ${newestOf(history) ?? "no migration"}`,
        ...(adopted.length > 0
          ? [`${adopted.length} files up to ${given.baseline} are recorded without being run`]
          : []),
        ...leftovers,
        ...approvedLines(scriptsOf(rest, grammar), contextOf(given, tables), failOnOf(given)),
      ];
    });
  } catch (error) {
    // In a first up the database itself may still be to come.
    if (!(error instanceof Unreachable)) throw error;
    return unknownState(set, given, grammar, error.message);
  }
}

async function leftoverLines(client: Client): Promise<string[]> {
  return (await invalidIndexes(client)).map(
    ({ schema, name }) =>
      `index ${schema}.${name} is INVALID, left by an interrupted build: up rebuilds it where its file is pending, else use REINDEX INDEX CONCURRENTLY`,
  );
}

function unknownState(
  set: MigrationSet,
  given: Partial<MigrationInputs>,
  grammar: Grammar,
  why: string,
): string[] {
  return [
    `${set.migrations.length} files; which of them are applied is unknown until up: ${why}`,
    ...approvedLines(scriptsOf(set.migrations, grammar), contextOf(given, undefined), failOnOf(given)),
  ];
}

function scriptsOf(migrations: Migration[], grammar: Grammar): Script[] {
  const scripts = migrations.map((migration) => readScript(migration, grammar));
  refuse(scripts.flatMap((script) => script.refusals));
  return scripts;
}

function split(pending: Migration[], history: HistoryRow[], baseline: string | undefined, empty: boolean) {
  const covered = (migration: Migration) =>
    baseline !== undefined &&
    history.length === 0 &&
    !empty &&
    migration.kind === "versioned" &&
    compareVersions(migration.version, baseline) <= 0;
  return { adopted: pending.filter(covered), rest: pending.filter((migration) => !covered(migration)) };
}

function contextOf(
  given: Partial<MigrationInputs>,
  tables: Awaited<ReturnType<typeof tableFacts>> | undefined,
) {
  return { tables, statementTimeoutSeconds: given.statementTimeoutSeconds ?? 300 };
}

function failOnOf(given: Partial<MigrationInputs>): string[] {
  return given.lint?.failOn ?? ["error"];
}
