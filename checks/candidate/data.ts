// How much data a copy holds. Counted, since the statistics of a database that was just restored say nothing.
import type { Client } from "pg";
import { type Observation, observe } from "../step/definition.ts";

/** Observation `data`. @param client may read every table */
export async function judgeData(client: Client, minimumRows: number): Promise<Observation> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     ORDER BY 1, 2`,
  );
  // Each row once: those of a table that inherits are its parent's too.
  const counted: { name: string; rows: number }[] = [];
  for (const { schema, name } of tables) {
    const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
    const { rows } = await client.query<{ rows: number }>(
      `SELECT count(*)::float8 AS rows FROM ONLY ${table}`,
    );
    counted.push({ name, rows: rows[0]?.rows ?? 0 });
  }
  const total = counted.reduce((sum, { rows }) => sum + rows, 0);
  counted.sort((a, b) => b.rows - a.rows);
  const most = counted.slice(0, 3).map(({ name, rows }) => `${name} ${rows}`);
  return observe(
    "data",
    total >= minimumRows,
    `at least ${minimumRows} rows of data like production's`,
    `${total} rows in ${counted.length} tables: ${most.join(", ") || "none"}`,
  );
}
