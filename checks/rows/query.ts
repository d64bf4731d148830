// One statement's rows as JSON values.
import type { Client, QueryConfig } from "pg";
import type { Row } from "./expected-value.ts";

/**
 * Column values as PostgreSQL's own JSON has them: numbers as numbers, times as RFC 3339 text.
 * @throws the server's error, also when the text is more than one statement
 */
export async function jsonRows(client: Client, sql: string): Promise<Row[]> {
  const text = `select to_jsonb(q) as row from (\n${withoutSemicolon(sql)}\n) q`;
  const { rows } = await client.query<{ row: Row }>(singleStatement(text));
  return rows.map(({ row }) => row);
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
