// The table that says what was applied: one readable row a file. Its rows are written in the same transaction as the file's
// changes, so that the two can never disagree.
import type { Client } from "pg";
import { compareVersions } from "./naming.ts";

/** Where the history is kept. Both names are written as they are in the catalog. */
export interface HistoryPlace {
  schema: string;
  table: string;
}

/**
 * - `versioned`, `repeatable`: the file was run whole.
 * - `baseline`: taken as applied when an existing database was adopted; never run here.
 * - `partial`: a no-transaction file that stopped; `statements` of it are done and `sha256` is over their text.
 */
export type HistoryKind = "versioned" | "repeatable" | "baseline" | "partial";

export interface HistoryRow {
  version: string;
  name: string;
  kind: HistoryKind;
  sha256: string;
  /** RFC 3339, UTC. */
  appliedAt: string;
  appliedBy: string;
  durationMs: number;
  release: string;
  statements: number | null;
}

export interface NewRow {
  version: string;
  name: string;
  kind: HistoryKind;
  sha256: string;
  release: string;
  statements?: number;
}

const COLUMNS = "version, name, sha256, applied_at, applied_by, duration_ms, kind, release, statements";
const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
const INSUFFICIENT_PRIVILEGE = "42501";

export function quotedTable({ schema, table }: HistoryPlace): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string constant that means the same whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return doubled.includes("\\") ? ` E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** In order of version; undefined when there is no table yet. @throws when the table is another tool's */
export async function readHistory(client: Client, place: HistoryPlace): Promise<HistoryRow[] | undefined> {
  try {
    const { rows } = await client.query<HistoryRow>(`
      select version, name, kind, sha256, applied_by as "appliedBy", duration_ms as "durationMs", release, statements,
        to_char(applied_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "appliedAt"
      from ${quotedTable(place)}`);
    return rows.sort((a, b) => compareVersions(a.version, b.version));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === UNDEFINED_TABLE) return undefined;
    if (code !== UNDEFINED_COLUMN) throw error;
    throw new Error(
      `history table ${place.schema}.${place.table} has other columns than ${COLUMNS}; it belongs to another tool: choose another historyTable`,
    );
  }
}

/** Creates the table, and its schema, where they are missing. @throws naming the privilege when the role may not */
export async function createHistory(client: Client, place: HistoryPlace): Promise<void> {
  try {
    await create(client, place);
  } catch (error) {
    await client.query("rollback");
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== INSUFFICIENT_PRIVILEGE || !(error instanceof Error)) throw error;
    throw new Error(
      `history table ${place.schema}.${place.table} cannot be created: ${error.message}; grant the role CREATE there or choose another schema`,
    );
  }
}

async function create(client: Client, place: HistoryPlace): Promise<void> {
  const table = quotedTable(place);
  const { rows } = await client.query("select 1 from pg_namespace where nspname = $1", [place.schema]);
  // Asked first: creating needs a privilege on the database that an existing schema does not.
  const schema = rows.length === 0 ? `create schema if not exists ${quoteName(place.schema)};` : "";
  await client.query(`begin; ${schema}
    create table if not exists ${table} (
      version text primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default clock_timestamp(),
      applied_by text not null default session_user,
      duration_ms integer not null,
      kind text not null check (kind in ('versioned', 'repeatable', 'baseline', 'partial')),
      release text not null,
      statements integer
    );
    comment on table ${table} is 'What greenlight applied: one row a migration file. Written with the file''s own changes; do not edit.';
    commit`);
}

/** SQL that records a file; `duration_ms` counts from the start of the transaction it runs in, or is given. */
export function recordSql(place: HistoryPlace, row: NewRow, durationMs?: number): string {
  const duration =
    durationMs === undefined
      ? "(extract(epoch from clock_timestamp() - transaction_timestamp()) * 1000)::integer"
      : String(Math.round(durationMs));
  const values = [row.version, row.name, row.sha256, row.kind, row.release].map(quoteText);
  const [version, name, sha256, kind, release] = values;
  return `insert into ${quotedTable(place)} as h (version, name, sha256, duration_ms, kind, release, statements)
values (${version}, ${name}, ${sha256}, ${duration}, ${kind}, ${release}, ${row.statements ?? "null"})
on conflict (version) do update set name = excluded.name, sha256 = excluded.sha256, applied_at = excluded.applied_at,
  applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, kind = excluded.kind, release = excluded.release,
  statements = excluded.statements`;
}

export function forgetSql(place: HistoryPlace, version: string): string {
  return `delete from ${quotedTable(place)} where version = ${quoteText(version)}`;
}

export function forgetRepeatableSql(place: HistoryPlace): string {
  return `delete from ${quotedTable(place)} where kind = 'repeatable'`;
}
