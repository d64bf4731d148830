// What lint knows of the database that the files are meant for: which tables exist and how large they are. A lock that is held
// for a scan hurts on a large table and nobody on an empty one.
import type { Client } from "pg";

export interface TableFacts {
  /** Estimate of the planner or of the statistics collector. */
  rows: number;
  /** Heap, TOAST and maps; without indexes. Of a partitioned table that of all its partitions. */
  bytes: number;
  /** Columns of type text and varchar with their longest length, null for any; undefined while not known. */
  lengths?: { [column: string]: number | null };
}

export interface LintContext {
  /** By `name` for the schema public, else `schema.name`; undefined when the database is not known yet. */
  tables: Map<string, TableFacts> | undefined;
  /** The runner's limit of one statement; 0 is none. */
  statementTimeoutSeconds: number;
}

export interface TableName {
  schema: string | undefined;
  name: string;
}

/** Below this a scan or rewrite takes less than the lock timeout, so that it is worth a notice only. */
const SMALL_BYTES = 8 * 1024 * 1024;

export function keyOf({ schema, name }: TableName): string {
  return schema === undefined || schema === "public" ? name : `${schema}.${name}`;
}

export function isSmall(table: TableFacts): boolean {
  return table.bytes < SMALL_BYTES;
}

/** `1200000 rows, 310 MiB` */
export function renderSize({ rows, bytes }: TableFacts): string {
  const mebibytes = bytes / (1024 * 1024);
  return `${Math.max(0, Math.round(rows))} rows, ${mebibytes < 10 ? mebibytes.toFixed(1) : Math.round(mebibytes)} MiB`;
}

/** Waits for nobody: of a table that somebody locks, or is about to, it goes by what the planner knows of its size. */
export async function tableFacts(client: Client): Promise<Map<string, TableFacts>> {
  const { rows } = await client.query<TableFacts & { schema: string; name: string }>(`
    with locked as materialized (
      select distinct relation from pg_locks
      where locktype = 'relation' and mode = 'AccessExclusiveLock' and pid is distinct from pg_backend_pid())
    select n.nspname as schema, c.relname as name, coalesce(s.bytes, 0) as bytes, coalesce(s.rows, 0) as rows,
      coalesce(t.lengths, '{}') as lengths
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join lateral (
      select sum(case when l.oid in (select relation from locked) then l.relpages * current_setting('block_size')::bigint
          else pg_table_size(l.oid) end)::float8 as bytes,
        sum(greatest(l.reltuples::float8, coalesce(st.n_live_tup, 0)))::float8 as rows
      from (select c.oid as oid where c.relkind <> 'p'
            union select relid from pg_partition_tree(c.oid) where c.relkind = 'p' and isleaf) leaf
      join pg_class l on l.oid = leaf.oid
      left join pg_stat_all_tables st on st.relid = l.oid) s on true
    left join (
      select attrelid, json_object_agg(attname, case when atttypmod < 0 then null else atttypmod - 4 end) as lengths
      from pg_attribute
      where attnum > 0 and not attisdropped and atttypid in ('text'::regtype, 'varchar'::regtype)
      group by attrelid) t on t.attrelid = c.oid
    where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'`);
  return new Map(rows.map(({ schema, name, ...facts }) => [keyOf({ schema, name }), facts]));
}
