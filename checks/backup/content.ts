// What a database holds, as figures that two databases can be compared by: its tables, their rows, and a digest of all values.
import type { Client } from "pg";
import { NO_TIME_LIMITS } from "../database.ts";

/** `digest` is the sum of the rows' 64-bit hashes: the same for the same rows in any order. */
export interface TableContent {
  rows: number;
  digest: string;
}
/** By `schema.table`. */
export type Content = { [table: string]: TableContent };

// Types whose hash depends on the value alone. Others, e.g. enums (hashed by object id), are compared as text.
const HASHED_BY_VALUE = [
  "bool int2 int4 int8 float4 float8 numeric text varchar bpchar uuid bytea jsonb",
  "date time timestamp timestamptz interval inet cidr macaddr",
].flatMap((names) => names.split(" "));

const TABLES = `
  select n.nspname as schema, c.relname as name,
         (select coalesce(json_agg(json_build_object('name', a.attname, 'type', t.typname) order by a.attname), '[]')
            from pg_attribute a join pg_type t on t.oid = a.atttypid
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where (c.relkind = 'r' or (c.relkind = 'm' and c.relispopulated)) and c.relpersistence <> 't'
     and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
     and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
   order by 1, 2`;

interface Column {
  name: string;
  type: string;
}

/** Reads everything once, on the server. Tables of extensions and foreign tables are left out, as pg_dump leaves them out. */
export async function readContent(client: Client): Promise<Content> {
  await client.query(NO_TIME_LIMITS);
  // An answer cut short by row policies would compare equal on both sides; an error does not.
  await client.query("set row_security = off");
  for (const [name, value] of Object.entries(TEXT_FORMS))
    await client.query("select set_config($1, $2, false)", [name, value]);
  const { rows } = await client.query<{ schema: string; name: string; columns: Column[] }>(TABLES);
  const content: Content = {};
  for (const { schema, name, columns } of rows) {
    const result = await client.query<TableContent>(contentQuery(client, schema, name, columns));
    const [found] = result.rows;
    if (found) content[`${schema}.${name}`] = { rows: Number(found.rows), digest: found.digest };
  }
  return content;
}

/** One line for each table that differs: `<table>: <observed>, want <expected>`. */
export function compareContent(wanted: Content, seen: Content): string[] {
  const tables = [...new Set([...Object.keys(wanted), ...Object.keys(seen)])].sort();
  return tables.flatMap((table) => {
    const [want, have] = [wanted[table], seen[table]];
    if (!have) return [`${table}: missing, want ${want?.rows} rows`];
    if (!want) return [`${table}: ${have.rows} rows, want no such table`];
    if (want.rows !== have.rows) return [`${table}: ${have.rows} rows, want ${want.rows}`];
    return want.digest === have.digest ? [] : [`${table}: digest ${have.digest}, want ${want.digest}`];
  });
}

// Forms of values as text, the same in every session.
const TEXT_FORMS = {
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  extra_float_digits: "3",
  bytea_output: "hex",
  // Names of objects, such as a regclass, with their schemas.
  search_path: "",
};

function contentQuery(client: Client, schema: string, name: string, columns: Column[]): string {
  const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
  const values = columns.map((column) => {
    const value = `t.${client.escapeIdentifier(column.name)}`;
    return HASHED_BY_VALUE.includes(column.type.replace(/^_/, "")) ? value : `${value}::text`;
  });
  const hash = values.length === 0 ? "0" : `hash_record_extended(row(${values.join(", ")}), 0)`;
  return `select count(*) as rows, coalesce(sum(${hash}), 0)::text as digest from ${table} t`;
}
