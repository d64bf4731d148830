// ANALYZE of one table, proven by the planner's statistics: the command alone only says that it was asked.
import type { Client } from "pg";
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import { messageOf } from "../step/message.ts";
import { oidOf, relationSql } from "./relation.ts";

export async function analyze(
  client: Client,
  table: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Observation> {
  const id = `analyze-${kebab(table)}`;
  const expected = `${table} analyzed, statistics on every column of a table with rows`;
  const oid = await oidOf(client, table);
  if (oid === undefined) return observe(id, false, expected, "no such table");
  const started = performance.now();
  try {
    await client.query(`analyze ${relationSql(table)}`);
  } catch (error) {
    if (signal.aborted) throw error;
    return observe(id, false, expected, messageOf(error));
  }
  const milliseconds = Math.round(performance.now() - started);
  const { rows } = await client.query<{ rows: number; columns: number; known: number }>(
    `select c.reltuples::float8 as rows,
       (select count(*)::int from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         and a.attstattarget is distinct from 0) as columns,
       (select count(distinct s.attname)::int from pg_stats s join pg_namespace n on n.nspname = s.schemaname
         where n.oid = c.relnamespace and s.tablename = c.relname) as known
     from pg_class c where c.oid = $1`,
    [oid],
  );
  const [seen] = rows;
  // ANALYZE of a table that one may not analyze is a warning, not an error: only the figures tell.
  const done = seen !== undefined && seen.rows >= 0 && (seen.rows === 0 || seen.known >= seen.columns);
  log(`${table} analyzed in ${milliseconds} ms`);
  const observed = `${seen?.rows ?? "unknown"} rows, statistics on ${seen?.known ?? 0} of ${seen?.columns ?? 0} columns, ${milliseconds} ms`;
  return observe(id, done, expected, observed);
}
