// One statement's rows as JSON values.
import type { Client, QueryConfig } from "pg";
import { unrounded } from "../json-of.ts";
import type { Row } from "./expected-value.ts";

/** Of columns that share a name, such as two counts, JSON keeps the last: the first one has a name of its own. */
export async function firstColumn(client: Client, sql: string): Promise<Row[]> {
  const rows = await jsonRows(client, sql, '("first column")');
  return rows.map((row) => ({ value: row["first column"] }));
}

/**
 * Column values as PostgreSQL's own JSON has them, in the query's order: numbers as numbers, times as RFC 3339 text. A whole number
 * that JavaScript would round is text, so that no other number is taken for it.
 * @param names of the leading columns instead of the query's own
 * @throws the server's error, also when the text is more than one statement
 */
export async function jsonRows(client: Client, sql: string, names = ""): Promise<Row[]> {
  const text = `select to_json(q)::text as row from (\n${withoutSemicolon(sql)}\n) q ${names}`;
  const { rows } = await client.query<{ row: string }>(singleStatement(text));
  return rows.map(({ row }): Row => JSON.parse(row, unrounded));
}

/** For the extended protocol, which takes one statement only: no text can end the transaction it runs in. */
export function singleStatement(text: string): QueryConfig & { queryMode: "extended" } {
  return { text, queryMode: "extended" };
}

export function withoutSemicolon(sql: string): string {
  return sql.replace(/[\s;]+$/, "");
}

/** Runs `use` in a transaction that leaves nothing behind. */
export async function rolledBack<T>(
  client: Client,
  mode: "read only" | "read write",
  use: () => Promise<T>,
): Promise<T> {
  await client.query(`begin transaction isolation level repeatable read ${mode}`);
  try {
    return await use();
  } finally {
    // A lost session has rolled back by itself.
    await client.query("rollback").catch(() => {});
  }
}
