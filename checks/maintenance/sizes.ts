// Sizes of tables, largest first, as facts for the report and for comparison with the next release.
import type { Client } from "pg";
import { type Facts, type Observation, observe } from "../step/definition.ts";

const MOST_TABLES = 50;

interface Size {
  table: string;
  rows: number;
  bytes: number;
  indexBytes: number;
  deadRows: number;
}

export async function tableSizes(
  client: Client,
  schemas: string[],
): Promise<{ observations: Observation[]; facts: Facts }> {
  const { rows } = await client.query<Size>(
    `select case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end as "table",
       greatest(c.reltuples, 0)::float8 as rows, pg_total_relation_size(c.oid)::float8 as bytes,
       pg_indexes_size(c.oid)::float8 as "indexBytes", coalesce(s.n_dead_tup, 0)::float8 as "deadRows"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_stat_all_tables s on s.relid = c.oid
     where c.relkind in ('r', 'm') and n.nspname = any($1) order by 3 desc, 1`,
    [schemas],
  );
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  const [largest] = rows;
  const observed = largest
    ? `${rows.length} tables, ${total} bytes; largest ${largest.table} with ${largest.bytes} bytes`
    : `no table in ${schemas.join(", ")}`;
  return {
    observations: [observe("table-sizes", rows.length > 0, "the size of every table read", observed)],
    facts: {
      tableCount: rows.length,
      totalBytes: total,
      tables: rows.slice(0, MOST_TABLES).map((row) => ({ ...row })),
    },
  };
}
