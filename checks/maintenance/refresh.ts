// Refresh of one materialized view: concurrently where a unique index allows that its readers go on meanwhile.
import type { Client } from "pg";
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import { messageOf } from "../step/message.ts";
import { oidOf, relationSql } from "./relation.ts";

export async function refreshViews(
  client: Client,
  view: string,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<Observation> {
  const id = `refresh-${kebab(view)}`;
  const expected = `materialized view ${view} refreshed and populated`;
  const oid = await oidOf(client, view);
  if (oid === undefined) return observe(id, false, expected, "no such view");
  const before = await stateOf(client, oid);
  const mode = before.populated && before.unique ? "concurrently" : "while its readers wait";
  const started = performance.now();
  try {
    await client.query(
      `refresh materialized view ${mode === "concurrently" ? "concurrently " : ""}${relationSql(view)}`,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    return observe(id, false, expected, messageOf(error));
  }
  const milliseconds = Math.round(performance.now() - started);
  const { populated } = await stateOf(client, oid);
  log(`${view} refreshed in ${milliseconds} ms`);
  return observe(
    id,
    populated,
    expected,
    `${populated ? "populated" : "not populated"}, refreshed ${mode} in ${milliseconds} ms`,
  );
}

/** `unique`: an index as REFRESH CONCURRENTLY needs it, on plain columns and without a condition. */
async function stateOf(client: Client, oid: string): Promise<{ populated: boolean; unique: boolean }> {
  const { rows } = await client.query<{ populated: boolean; unique: boolean }>(
    `select c.relispopulated as populated, exists (
       select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
     ) as unique
     from pg_class c where c.oid = $1`,
    [oid],
  );
  return rows[0] ?? { populated: false, unique: false };
}
