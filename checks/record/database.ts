// The state of the database that a rollback has to come back to: which migrations, and the digest of all its objects.
import type { Client } from "pg";
import { digestJson } from "../canonical-json.ts";
import { type HistoryPlace, readHistory } from "../migrations/history.ts";
import { readCatalog } from "../schema/catalog.ts";
import { objectsOf, withoutHistory } from "../schema/objects.ts";

export interface DatabaseState {
  /** Version of the newest migration; null for none. */
  at: string | null;
  migrations: { version: string; name: string; sha256: string }[];
  /** SHA-256 over tables, columns, indexes, functions and the other objects, without the history. */
  schemaDigest: string;
}

export async function readDatabaseState(client: Client, place: HistoryPlace): Promise<DatabaseState> {
  const history = (await readHistory(client, place)) ?? [];
  const versioned = history.filter(({ kind }) => kind !== "repeatable");
  return {
    at: versioned.at(-1)?.version ?? null,
    migrations: history.map(({ version, name, sha256 }) => ({ version, name, sha256 })),
    schemaDigest: await schemaDigestOf(client, place),
  };
}

async function schemaDigestOf(client: Client, place: HistoryPlace): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    "select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1",
  );
  const catalog = await readCatalog(
    client,
    rows.map(({ name }) => name),
  );
  const objects = objectsOf(withoutHistory(catalog, place));
  return digestJson(
    Object.fromEntries(Object.entries(objects).map(([kind, map]) => [kind, [...map].sort()])),
  );
}
