// All of a database that a migration may change, in a form in which two moments can be compared: objects, privileges, rows.
import type { Client } from "pg";
import { type Content, compareContent, readContent } from "../backup/content.ts";
import { digestJson } from "../canonical-json.ts";
import { type HistoryPlace, quotedTable } from "../migrations/history.ts";
import { readCatalog } from "../schema/catalog.ts";
import { userSchemas } from "../schema/derived.ts";
import { compareObjects, type Objects, objectsOf, withoutHistory } from "../schema/objects.ts";

export interface State {
  objects: Objects;
  /** Rows and digest by table, without the history. */
  content: Content;
}

// Privileges as they count: those that PostgreSQL grants by itself included, so that a grant taken back leaves no trace.
const GRANTS = (acl: string, kind: string, owner: string) => `
  array(select a.grantee::regrole || ' ' || a.privilege_type || case when a.is_grantable then ' with grant option' else '' end
    from aclexplode(coalesce(${acl}, acldefault((${kind})::"char", ${owner}))) a order by 1)::text`;

// Owners, grants and comments, which are no part of an object's definition in the catalog.
const PRIVILEGES = `
  select 'table ' || c.oid::regclass as name, c.relowner::regrole || ' ' ||
      ${GRANTS("c.relacl", "case when c.relkind = 'S' then 's' else 'r' end", "c.relowner")} || coalesce(' ' || obj_description(c.oid, 'pg_class'), '') as definition
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and n.nspname = any($1)
      and c.oid is distinct from to_regclass($2)
  union all
  select format('column %s.%I', c.oid::regclass, a.attname), ${GRANTS("a.attacl", "'c'", "c.relowner")}
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where a.attnum > 0 and not a.attisdropped and a.attacl is not null and n.nspname = any($1)
  union all
  select 'function ' || p.oid::regprocedure, p.proowner::regrole || ' ' || ${GRANTS("p.proacl", "'f'", "p.proowner")}
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any($1)
  union all
  select 'schema ' || n.nspname, n.nspowner::regrole || ' ' || ${GRANTS("n.nspacl", "'n'", "n.nspowner")}
    from pg_namespace n where n.nspname = any($1)
  union all
  select format('default privileges of %s in %s for %s', d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype), d.defaclacl::text
    from pg_default_acl d`;

export async function readState(client: Client, place: HistoryPlace): Promise<State> {
  const objects = await readObjects(client, place);
  const content = await readContent(client);
  delete content[`${place.schema}.${place.table}`];
  return { objects, content };
}

/** The state without its rows. */
export async function readObjects(client: Client, place: HistoryPlace): Promise<Objects> {
  const schemas = await userSchemas(client);
  const catalog = withoutHistory(await readCatalog(client, schemas), place);
  const { rows } = await client.query<{ name: string; definition: string }>(PRIVILEGES, [
    schemas,
    quotedTable(place),
  ]);
  return {
    ...objectsOf(catalog),
    privileges: new Map(rows.map(({ name, definition }) => [name, definition])),
  };
}

/** Kinds of objects that a repeatable file makes. */
export const REPEATABLE_KINDS = ["tables", "columns", "functions", "triggers", "privileges"];

/** One line an object that differs. @param repeatable leaves out what repeatable files make, which have no way back */
export function schemaFaults(wanted: State, seen: State, repeatable: boolean): string[] {
  return compareObjects(wanted.objects, seen.objects)
    .filter(({ kind }) => !repeatable || !REPEATABLE_KINDS.includes(kind))
    .flatMap(({ kind, faults, unexpected }) => [
      ...faults,
      ...unexpected.map((name) => `${name} (${kind}) was not there before`),
    ]);
}

/** One line a table whose rows differ; tables that only one of the two has are the schema's fault. */
export function dataFaults(wanted: State, seen: State): string[] {
  const both = (content: Content, other: Content) =>
    Object.fromEntries(Object.entries(content).filter(([table]) => table in other));
  return compareContent(both(wanted.content, seen.content), both(seen.content, wanted.content));
}

export function schemaDigest({ objects }: State): string {
  return digestJson(
    Object.fromEntries(Object.entries(objects).map(([kind, map]) => [kind, [...map].sort()])),
  );
}

export function dataDigest({ content }: State): string {
  return digestJson(Object.fromEntries(Object.entries(content).map(([table, one]) => [table, { ...one }])));
}
