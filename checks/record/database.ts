// The state of the database that a rollback has to come back to: which migrations, and the digest of all its objects.
import type { Client } from "pg";
import { digestJson } from "../canonical-json.ts";
import { type HistoryPlace, readHistory } from "../migrations/history.ts";
import { type Catalog, readCatalog } from "../schema/catalog.ts";
import { journalsOf, objectsOf, withoutHistory, withoutTables } from "../schema/objects.ts";

export interface DatabaseState {
  /** Version of the newest migration; null for none. */
  at: string | null;
  migrations: { version: string; name: string; sha256: string }[];
  /** SHA-256 over tables, columns, indexes, functions and the other objects, without the history and what quiesce writes to. */
  schemaDigest: string;
}

/** A state with what earlier versions of this program wrote as its digest, by which a rollback knows their records. */
export interface Looked {
  state: DatabaseState;
  /** With what quiesce writes to. */
  formerDigest: string;
}

export async function readDatabaseState(client: Client, place: HistoryPlace): Promise<DatabaseState> {
  return (await lookAtDatabase(client, place)).state;
}

export async function lookAtDatabase(client: Client, place: HistoryPlace): Promise<Looked> {
  const history = (await readHistory(client, place)) ?? [];
  const versioned = history.filter(({ kind }) => kind !== "repeatable");
  const catalog = withoutHistory(await wholeCatalog(client), place);
  return {
    state: {
      at: versioned.at(-1)?.version ?? null,
      migrations: history.map(({ version, name, sha256 }) => ({ version, name, sha256 })),
      schemaDigest: digestOf(withoutTables(catalog, journalsOf(catalog))),
    },
    formerDigest: digestOf(catalog),
  };
}

async function wholeCatalog(client: Client): Promise<Catalog> {
  const { rows } = await client.query<{ name: string }>(
    "select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1",
  );
  return readCatalog(
    client,
    rows.map(({ name }) => name),
  );
}

function digestOf(catalog: Catalog): string {
  const objects = objectsOf(catalog);
  return digestJson(
    Object.fromEntries(Object.entries(objects).map(([kind, map]) => [kind, [...map].sort()])),
  );
}
