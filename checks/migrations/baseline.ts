// Adopts a database that existed before its history: the files up to a version are recorded as applied without being run.
import type { Client } from "pg";
import { JOURNAL } from "../quiesce/journal.ts";
import type { MigrationSet } from "./directory.ts";
import { type HistoryPlace, type HistoryRow, recordSql } from "./history.ts";
import { compareVersions } from "./naming.ts";

export interface BaselineOptions {
  place: HistoryPlace;
  baseline?: string;
  release: string;
  log(line: string): void;
}

/**
 * Does nothing where there is a history, or where the database is empty: then every file is to be run, so that one setting
 * serves production and a new environment.
 * @returns the versions recorded. @throws when no file has the version
 */
export async function adopt(
  client: Client,
  set: MigrationSet,
  history: HistoryRow[],
  options: BaselineOptions,
): Promise<string[]> {
  const { baseline, place } = options;
  if (baseline === undefined || history.length > 0) return [];
  const versioned = set.migrations.filter((migration) => migration.kind === "versioned");
  const covered = versioned.filter((migration) => compareVersions(migration.version, baseline) <= 0);
  if (!covered.some((migration) => compareVersions(migration.version, baseline) === 0))
    throw new Error(
      `baseline is ${baseline}, and no file has that version; name the version the database is at`,
    );
  if (await isEmpty(client, place)) return [];
  const rows = covered.map(({ version, name, sha256 }) => ({
    version,
    name,
    sha256,
    kind: "baseline" as const,
    release: options.release,
  }));
  await client.query(["begin", ...rows.map((row) => recordSql(place, row, 0)), "commit"].join(";\n"));
  options.log(`database adopted at ${baseline}: ${rows.length} files recorded without running them`);
  return rows.map((row) => row.version);
}

/** No relation but the runner's own and the journal of quiesce, outside the system's schemas and extensions. */
export async function isEmpty(client: Client, place: HistoryPlace): Promise<boolean> {
  const { rows } = await client.query<{ empty: boolean }>(
    `select not exists (
       select from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
         and n.nspname !~ '^pg_' and (n.nspname, c.relname) <> ($1, $2) and c.relname <> $3
         and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
     ) as empty`,
    [place.schema, place.table, JOURNAL],
  );
  return rows[0]?.empty ?? true;
}
