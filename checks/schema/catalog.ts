// What PostgreSQL's catalog says about the objects of some schemas, in the words of the catalog's own renderers. Objects that
// belong to an extension are left out: the extension is listed instead.
import type { Client } from "pg";

export interface Table {
  name: string;
  kind: "table" | "partitioned" | "view" | "materialized view" | "foreign table";
  rowSecurity: boolean;
  rowSecurityForced: boolean;
  /** False only for a materialized view that was never filled. */
  populated: boolean;
  /** `autovacuum_vacuum_scale_factor=0.05` */
  options: string[];
  /** The query of a view, else null. */
  definition: string | null;
}

export interface Column {
  table: string;
  name: string;
  /** As `format_type` has it, e.g. `timestamp with time zone`. */
  type: string;
  nullable: boolean;
  default: string | null;
  /** `identity`, `generated`, or null. */
  computed: string | null;
}

export interface Constraint {
  table: string;
  name: string;
  kind: "check" | "foreign key" | "primary key" | "unique" | "exclusion" | "not null" | "trigger";
  definition: string;
  validated: boolean;
}

export interface Index {
  table: string;
  name: string;
  /** In order, expressions included; `INCLUDE` columns are left out. */
  columns: string[];
  unique: boolean;
  /** Valid and ready: used by queries and by writes. */
  valid: boolean;
  /** Not valid yet, since somebody builds it without standing in others' way. */
  building: boolean;
  definition: string;
}

export interface Routine {
  name: string;
  /** Types only, e.g. `integer, text`. */
  arguments: string;
  result: string | null;
  kind: "function" | "procedure" | "aggregate" | "window";
  language: string;
  security: "definer" | "invoker";
  volatility: "immutable" | "stable" | "volatile";
  /** `search_path=pg_catalog, public` */
  settings: string[];
  bodyHash: string;
}

export interface Trigger {
  table: string;
  name: string;
  function: string;
  /** Fires for the application; not one that is enabled for replicas alone. */
  enabled: boolean;
  definition: string;
}

export interface Policy {
  table: string;
  name: string;
  command: "all" | "select" | "insert" | "update" | "delete";
  permissive: boolean;
  roles: string[];
  using: string | null;
  check: string | null;
}

export interface Extension {
  name: string;
  version: string;
}

/** Enumerations, domains, composite types and sequences: name and definition. */
export interface Other {
  kind: "enum" | "domain" | "composite" | "sequence";
  name: string;
  definition: string;
}

/** Names of objects in `public` stand alone, others carry their schema. */
export interface Catalog {
  tables: Table[];
  columns: Column[];
  constraints: Constraint[];
  indexes: Index[];
  routines: Routine[];
  triggers: Trigger[];
  policies: Policy[];
  extensions: Extension[];
  others: Other[];
}

/**
 * Whether somebody builds or rebuilds an index CONCURRENTLY. Which one, others are told only with a privilege; the table is locked
 * from beginning to end.
 * @param table SQL for the object id of the index's table
 */
export const BEING_BUILT = (
  table: string,
) => `exists (select from pg_stat_progress_create_index p join pg_locks l using (pid)
    where l.locktype = 'relation' and l.mode = 'ShareUpdateExclusiveLock' and l.granted and l.relation = ${table}
      and l.database = p.datid and p.datid = (select oid from pg_database where datname = current_database()))`;

const OWN = (catalog: string, oid: string) =>
  `n.nspname = any($1) and not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
const NAME = (name: string) =>
  `case n.nspname when 'public' then ${name} else n.nspname || '.' || ${name} end`;

const TABLES = `
  select ${NAME("c.relname")} as name, c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as "rowSecurityForced",
    c.relispopulated as populated, coalesce(c.reloptions, '{}') as options,
    case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end as definition,
    case c.relkind when 'r' then 'table' when 'p' then 'partitioned' when 'v' then 'view' when 'm' then 'materialized view'
      else 'foreign table' end as kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and ${OWN("pg_class", "c.oid")} order by 1`;
const COLUMNS = `
  select ${NAME("c.relname")} as "table", a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as nullable, pg_get_expr(f.adbin, f.adrelid) as default,
    case when a.attidentity <> '' then 'identity' when a.attgenerated <> '' then 'generated' end as computed
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f') and ${OWN("pg_class", "c.oid")}
  order by 1, a.attnum`;
const CONSTRAINTS = `
  select ${NAME("c.relname")} as "table", k.conname as name, pg_get_constraintdef(k.oid) as definition, k.convalidated as validated,
    case k.contype when 'c' then 'check' when 'f' then 'foreign key' when 'p' then 'primary key' when 'u' then 'unique'
      when 'x' then 'exclusion' when 'n' then 'not null' else 'trigger' end as kind
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OWN("pg_class", "c.oid")} order by 1, 2`;
const INDEXES = `
  select ${NAME("t.relname")} as "table", c.relname as name, i.indisunique as unique, i.indisvalid and i.indisready as valid,
    not (i.indisvalid and i.indisready) and ${BEING_BUILT("i.indrelid")} as building,
    pg_get_indexdef(i.indexrelid) as definition,
    array(select pg_get_indexdef(i.indexrelid, k, true) from generate_series(1, i.indnkeyatts) k) as columns
  from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
  join pg_namespace n on n.oid = t.relnamespace
  where ${OWN("pg_class", "t.oid")} order by 1, 2`;
const ROUTINES = `
  select ${NAME("p.proname")} as name, oidvectortypes(p.proargtypes) as arguments, pg_get_function_result(p.oid) as result,
    l.lanname as language, md5(coalesce(p.prosrc, '') || coalesce(pg_get_function_sqlbody(p.oid), '')) as "bodyHash",
    coalesce(p.proconfig, '{}') as settings,
    case when p.prosecdef then 'definer' else 'invoker' end as security,
    case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' when 'w' then 'window' else 'function' end as kind
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
  where ${OWN("pg_proc", "p.oid")} order by 1, 2`;
const TRIGGERS = `
  select ${NAME("c.relname")} as "table", t.tgname as name,
    case pn.nspname when 'public' then p.proname else pn.nspname || '.' || p.proname end as function, t.tgenabled in ('O', 'A') as enabled,
    pg_get_triggerdef(t.oid) as definition
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_proc p on p.oid = t.tgfoid join pg_namespace pn on pn.oid = p.pronamespace
  where not t.tgisinternal and ${OWN("pg_class", "c.oid")} order by 1, 2`;
const POLICIES = `
  select ${NAME("c.relname")} as "table", p.polname as name, p.polpermissive as permissive,
    pg_get_expr(p.polqual, p.polrelid) as "using", pg_get_expr(p.polwithcheck, p.polrelid) as "check",
    case p.polcmd when '*' then 'all' when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' else 'delete' end as command,
    array(select case when r = 0 then 'public' else pg_get_userbyid(r)::text end from unnest(p.polroles) r order by 1) as roles
  from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OWN("pg_class", "c.oid")} order by 1, 2`;
const EXTENSIONS =
  "select extname as name, extversion as version from pg_extension where extname <> 'plpgsql' order by 1";
const OTHERS = `
  select 'enum' as kind, ${NAME("t.typname")} as name,
    (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as definition
  from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and ${OWN("pg_type", "t.oid")}
  union all
  select 'domain', ${NAME("t.typname")}, format_type(t.typbasetype, t.typtypmod) || case when t.typnotnull then ' not null' else '' end
    || coalesce(' default ' || t.typdefault, '')
    || coalesce((select string_agg(' ' || pg_get_constraintdef(k.oid), '' order by k.conname) from pg_constraint k where k.contypid = t.oid), '')
  from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'd' and ${OWN("pg_type", "t.oid")}
  union all
  select 'composite', ${NAME("c.relname")},
    (select string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'c' and ${OWN("pg_class", "c.oid")}
  union all
  select 'sequence', ${NAME("c.relname")}, format_type(s.seqtypid, null) || ' increment ' || s.seqincrement || ' start ' || s.seqstart
  from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OWN("pg_class", "c.oid")}
  order by 1, 2`;

/** Everything in these schemas, each list in order of name. Sets the session's search_path, by which names are rendered. */
export async function readCatalog(client: Client, schemas: string[]): Promise<Catalog> {
  await client.query("select set_config('search_path', 'public', false)");
  const read = async <Row extends object>(sql: string) =>
    (await client.query<Row>(sql, sql.includes("$1") ? [schemas] : [])).rows;
  return {
    tables: await read<Table>(TABLES),
    columns: await read<Column>(COLUMNS),
    constraints: await read<Constraint>(CONSTRAINTS),
    indexes: await read<Index>(INDEXES),
    routines: await read<Routine>(ROUTINES),
    triggers: await read<Trigger>(TRIGGERS),
    policies: await read<Policy>(POLICIES),
    extensions: await read<Extension>(EXTENSIONS),
    others: await read<Other>(OTHERS),
  };
}
