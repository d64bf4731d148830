// A table or view by the name that the settings give it.
import type { Client } from "pg";
import { quoteName } from "../migrations/history.ts";

/** Quoted for SQL; a name outside of `public` carries its schema before the first dot. */
export function relationSql(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0
    ? `public.${quoteName(name)}`
    : `${quoteName(name.slice(0, dot))}.${quoteName(name.slice(dot + 1))}`;
}

/** Undefined when there is no such relation. */
export async function oidOf(client: Client, name: string): Promise<string | undefined> {
  const { rows } = await client.query<{ oid: string | null }>("select to_regclass($1)::oid::text as oid", [
    relationSql(name),
  ]);
  return rows[0]?.oid ?? undefined;
}
