// Takes a database over from another tool: what that tool's own history says was applied becomes history here, without anything
// being run. The other history is read only; where it does not agree with the files, nothing is taken over.
import { crc32 } from "node:zlib";
import type { Client } from "pg";
import type { Migration, MigrationSet } from "./directory.ts";
import {
  createHistory,
  type HistoryPlace,
  type NewRow,
  quotedTable,
  readHistory,
  recordSql,
} from "./history.ts";
import { type LockOptions, withMigrationLock } from "./lock.ts";
import { compareVersions, versionKey } from "./naming.ts";
import type { Naming } from "./styles.ts";

/** A tool that keeps a history of its own. */
export type Tool = Exclude<Naming, "greenlight">;

/** One entry of the other history, in order. */
interface Entry {
  /** A version, or for `named` the file's name without its ending. */
  id: string;
  kind: "versioned" | "named" | "repeatable" | "up-to";
  checksum?: string;
  /** Why the entry forbids a takeover. */
  fault?: string;
}

export interface Adoption {
  /** Where the other history was found. */
  place: HistoryPlace;
  /** What would be written, in order. */
  rows: NewRow[];
  /** Reasons why nothing may be taken over, each with a fix. */
  refusals: string[];
}

type Row = { [column: string]: unknown };

interface Source {
  place: HistoryPlace;
  query: (table: string) => string;
  entries(rows: Row[]): Entry[];
  /** The tool's checksum of a file, where it keeps one. */
  checksum?(migration: Migration): string;
}

const versions = (column: string) => ({
  query: (table: string) => `select ${column}::text as id from ${table} order by 1`,
  entries: (rows: Row[]): Entry[] => rows.map(({ id }) => ({ id: String(id), kind: "versioned" })),
});

/** Each tool's own table, as it is made without settings of its own. */
export const SOURCES: { [tool in Tool]: Source } = {
  flyway: {
    place: { schema: "public", table: "flyway_schema_history" },
    query: (table) =>
      `select version as id, type, script, checksum::text, success from ${table} order by installed_rank`,
    entries: flywayEntries,
    checksum: ({ sql }) => String(lineChecksum(sql)),
  },
  "golang-migrate": {
    place: { schema: "public", table: "schema_migrations" },
    query: (table) => `select version::text as id, dirty from ${table}`,
    entries: (rows) =>
      rows.map(({ id, dirty }) => ({
        id: String(id),
        kind: "up-to",
        ...(dirty === true
          ? { fault: `version ${id} is dirty: it stopped midway; repair the database, then migrate force` }
          : {}),
      })),
  },
  dbmate: { place: { schema: "public", table: "schema_migrations" }, ...versions("version") },
  diesel: { place: { schema: "public", table: "__diesel_schema_migrations" }, ...versions("version") },
  supabase: { place: { schema: "supabase_migrations", table: "schema_migrations" }, ...versions("version") },
  goose: {
    place: { schema: "public", table: "goose_db_version" },
    query: (table) =>
      `select version::text as id
       from (select distinct on (version_id) version_id as version, is_applied from ${table} order by version_id, id desc) newest
       where is_applied and version > 0 order by version`,
    entries: (rows) => rows.map(({ id }) => ({ id: String(id), kind: "versioned" })),
  },
  prisma: {
    place: { schema: "public", table: "_prisma_migrations" },
    query: (table) =>
      `select migration_name as id, checksum, finished_at is not null as finished from ${table} where rolled_back_at is null order by started_at`,
    entries: (rows) =>
      rows.map(({ id, checksum, finished }) => ({
        id: String(id),
        kind: "versioned",
        checksum: String(checksum),
        ...(finished === true ? {} : { fault: `${id} has not finished; settle it with migrate resolve` }),
      })),
    checksum: ({ sha256 }) => sha256,
  },
  "node-pg-migrate": {
    place: { schema: "public", table: "pgmigrations" },
    query: (table) => `select name as id from ${table} order by id`,
    entries: (rows) => rows.map(({ id }) => ({ id: String(id), kind: "named" })),
  },
};

/** What the other tool's history would become. Reads only. @throws when there is no such table */
export async function planAdoption(
  client: Client,
  set: MigrationSet,
  tool: Tool,
  from?: HistoryPlace,
): Promise<Adoption> {
  const source = SOURCES[tool];
  const place = from ?? source.place;
  const { rows: known } = await client.query<{ known: boolean }>(
    "select to_regclass($1) is not null as known",
    [quotedTable(place)],
  );
  if (!known[0]?.known)
    throw new Error(
      `history of ${tool}: there is no table ${place.schema}.${place.table}; name it with --from-history SCHEMA.TABLE`,
    );
  const { rows } = await client.query<Row>(source.query(quotedTable(place)));
  const refusals: string[] = [];
  const taken = new Map<string, NewRow>();
  for (const entry of source.entries(rows)) {
    if (entry.fault) refusals.push(entry.fault);
    const files = filesOf(set, entry);
    if (files.length === 0)
      refusals.push(
        `${entry.id}: applied by ${tool} and not in the folder; restore the file from version control`,
      );
    for (const migration of files) {
      const equal =
        entry.checksum === undefined ||
        source.checksum === undefined ||
        source.checksum(migration) === entry.checksum;
      // A repeatable file that changed is simply run again.
      if (!equal && migration.kind === "repeatable") continue;
      if (!equal)
        refusals.push(
          `${migration.path}: edited after ${tool} applied it (its checksum was ${entry.checksum}); restore the file from version control`,
        );
      taken.set(migration.version, rowOf(migration, tool));
    }
  }
  const order = [...taken.values()].sort((a, b) => compareVersions(a.version, b.version));
  return { place, rows: order, refusals };
}

/** Writes the history. @throws when there is one already that says otherwise */
export async function adoptHistory(
  client: Client,
  place: HistoryPlace,
  { rows, refusals }: Adoption,
  lock: LockOptions,
): Promise<void> {
  if (refusals.length > 0) throw new Error(`nothing was taken over: ${refusals.join("; ")}`);
  await withMigrationLock(client, place, lock, async () => {
    const known = await readHistory(client, place);
    if (known && known.length > 0)
      throw new Error(
        `history table ${place.schema}.${place.table}: has ${known.length} rows already, want none; the database was taken over before`,
      );
    if (!known) await createHistory(client, place);
    await client.query(["begin", ...rows.map((row) => recordSql(place, row, 0)), "commit"].join(";\n"));
  });
}

function rowOf({ version, name, sha256, kind }: Migration, tool: Tool): NewRow {
  return {
    version,
    name,
    sha256,
    kind: kind === "repeatable" ? "repeatable" : "baseline",
    release: `adopted from ${tool}`,
  };
}

function filesOf({ migrations }: MigrationSet, { id, kind }: Entry): Migration[] {
  if (kind === "up-to")
    return migrations.filter((one) => one.kind === "versioned" && compareVersions(one.version, id) <= 0);
  if (kind === "named") return migrations.filter(({ path }) => path.replace(/(\.up)?\.sql$/, "") === id);
  return migrations.filter(({ version }) => versionKey(version) === versionKey(id));
}

function flywayEntries(rows: Row[]): Entry[] {
  // What was undone, or run again after that, has a row each time: the last one says how it is. DELETE is a file that repair
  // took for gone.
  const last = new Map(rows.map((row) => [row.id === null ? row.script : row.id, row]));
  return [...last.values()]
    .filter(({ type }) => type !== "SCHEMA" && type !== "DELETE" && !String(type).startsWith("UNDO_"))
    .map(({ id, type, script, checksum, success }): Entry => {
      const file = String(script).split("/").at(-1) ?? "";
      const fault = success === true ? {} : { fault: `${file}: failed there; settle it with flyway repair` };
      if (type === "BASELINE") return { id: String(id), kind: "up-to", ...fault };
      if (id === null)
        return { id: file.replace(/\.sql$/, ""), kind: "repeatable", checksum: String(checksum), ...fault };
      return {
        id: String(id),
        kind: "versioned",
        ...(checksum === null ? {} : { checksum: String(checksum) }),
        ...fault,
      };
    });
}

/** CRC-32 over the lines without their ends, as Flyway computes it. */
function lineChecksum(sql: string): number {
  const lines = sql.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  // A last line without text is no line.
  if (lines.at(-1) === "") lines.pop();
  return lines.reduce((sum, line) => crc32(line, sum), 0) | 0;
}
