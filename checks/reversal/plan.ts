// What the way back would do to the database, and what would be lost: shown before anything is touched. Reads only.
import type { Client } from "pg";
import { readContent } from "../backup/content.ts";
import { withDatabase } from "../database.ts";
import { readMigrations } from "../migrations/directory.ts";
import { type DownPlan, planDown } from "../migrations/down.ts";
import { loadGrammar } from "../migrations/grammar.ts";
import { quotedTable, quoteName, readHistory } from "../migrations/history.ts";
import { dropped } from "../migrations/lint/locks.ts";
import { compareVersions } from "../migrations/naming.ts";
import { readScript, type Statement } from "../migrations/script.ts";
import type { ReversalInputs } from "../reversal.ts";
import type { StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { isRestored } from "./restore.ts";

/** @throws when a migration has no way down and no restore was asked for */
export async function planReversal(
  given: Partial<ReversalInputs>,
  { signal }: StepContext,
): Promise<string[]> {
  const { databaseUrl, directory, to, restore } = given;
  if (databaseUrl === undefined || directory === undefined || to === undefined)
    return ["the database is not known before up"];
  const options = { application: "rollback preview", signal, statementTimeoutSeconds: 15 };
  return withDatabase(databaseUrl, options, async (client) => {
    if (restore !== undefined && (await isRestored(client, restore)))
      return [`the database is the one that this rollback restored from ${restore.key} already`];
    if (restore !== undefined)
      return [
        `restores ${restore.key} of ${restore.takenAt} beside the live database, then switches by name; the replaced one is kept`,
        ...(await forecast(lostSince(client, restore))),
      ];
    const plan = await downPlanOf(client, { ...given, directory, to });
    if (plan.steps.length === 0) return [`nothing to take back: the database is at ${to}`];
    return [
      ...plan.steps.map(({ migration }) => `runs ${migration.down?.path}`),
      ...(await forecast(lostByDown(client, plan))),
    ];
  });
}

/** @throws with every migration that has no way down */
export async function downPlanOf(
  client: Client,
  given: Pick<ReversalInputs, "directory" | "to"> & Partial<ReversalInputs>,
): Promise<DownPlan> {
  const place = { schema: given.schema ?? "public", table: given.historyTable ?? "greenlight_migrations" };
  const history = (await readHistory(client, place)) ?? [];
  const set = readMigrations(given.directory, given.naming);
  // A killed run may have come further than the target's own history needs.
  const at = history.filter(({ kind }) => kind !== "repeatable");
  if (at.every(({ version }) => compareVersions(version, given.to) <= 0)) return { steps: [], refusals: [] };
  const plan = planDown(set, history, given.to);
  if (plan.refusals.length === 0) return plan;
  throw new Error(
    `${plan.refusals.join("; ")}; nothing was touched: add the down files, or run greenlight rollback with --restore-database`,
  );
}

/** What will be lost, as far as it can be told: a table that is locked, damaged or too large to be counted stops no way back. */
export async function forecast(lost: Promise<string[]>): Promise<string[]> {
  try {
    return await lost;
  } catch (error) {
    return [`what is lost could not be counted: ${messageOf(error)}`];
  }
}

// Rows that a policy hides from who counts would be lost unseen: an error says that they cannot be counted.
const EVERY_ROW = "set row_security = off";

/** Tables that the down files drop, with their rows: those are gone then. */
export async function lostByDown(client: Client, plan: DownPlan): Promise<string[]> {
  const grammar = await loadGrammar();
  const dropped = plan.steps.flatMap(({ migration }) =>
    migration.down ? droppedTables(readScript(migration.down, grammar).statements) : [],
  );
  const lines: string[] = [];
  await client.query(EVERY_ROW);
  for (const table of new Set(dropped)) {
    const { rows } = await client.query<{ found: string | null }>("select to_regclass($1)::text as found", [
      table,
    ]);
    const [{ found } = { found: null }] = rows;
    if (found === null) continue;
    const counted = await client.query<{ rows: string }>(`select count(*) as rows from ${found}`);
    lines.push(`loses ${counted.rows[0]?.rows ?? "?"} rows of ${found}`);
  }
  return lines;
}

/**
 * What DROP TABLE names, quoted, for the count of their rows. Not seen: what a DO block drops, columns, and rows that a down
 * file deletes.
 */
export function droppedTables(statements: Statement[]): string[] {
  return statements.flatMap(({ node }) =>
    "DropStmt" in node && node.DropStmt.removeType === "OBJECT_TABLE"
      ? dropped(node).map(({ schema, name }) =>
          schema === undefined ? quoteName(name) : quotedTable({ schema, table: name }),
        )
      : [],
  );
}

// So many rows are compared value by value while a person waits; above, only counted.
const MOST_COMPARED_ROWS = 500_000;

/** What was written since the backup, by table: rows that came or went, and rows whose values changed. */
export async function lostSince(
  client: Client,
  { tables }: NonNullable<ReversalInputs["restore"]>,
): Promise<string[]> {
  if (tables === null) return ["loses what was written since; the record has no counts to compare with"];
  const counted = await countRows(client);
  const total = Object.values(counted).reduce((sum, rows) => sum + rows, 0);
  const values = total <= MOST_COMPARED_ROWS ? await readContent(client) : {};
  const names = [...new Set([...Object.keys(counted), ...Object.keys(tables)])].sort();
  const lines = names.flatMap((name) => {
    const [now, then] = [counted[name] ?? 0, tables[name]?.rows ?? 0];
    if (now !== then) return [`${name}: ${now} rows now, ${then} in the backup`];
    const [is, was] = [values[name]?.digest, tables[name]?.digest];
    return is === undefined || was === undefined || is === was
      ? []
      : [`${name}: ${now} rows, some with other values than in the backup`];
  });
  const unsure =
    total > MOST_COMPARED_ROWS ? [`values of ${total} rows were not compared, only counted`] : [];
  return lines.length === 0 ? [...unsure, "no table has other rows than the backup"] : [...lines, ...unsure];
}

/** Of the tables that a backup's content names: see backup/content.ts. */
async function countRows(client: Client): Promise<{ [table: string]: number }> {
  await client.query(EVERY_ROW);
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (c.relkind = 'r' or (c.relkind = 'm' and c.relispopulated)) and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
      order by 1, 2`,
  );
  const counted: { [table: string]: number } = {};
  for (const { schema, name } of rows) {
    const quoted = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const result = await client.query<{ rows: string }>(`select count(*) as rows from ${quoted}`);
    counted[`${schema}.${name}`] = Number(result.rows[0]?.rows ?? 0);
  }
  return counted;
}
