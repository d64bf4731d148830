// postgresql.Grant: privileges of a role on a database, a schema, or objects of a schema (all of them when none is
// named). Column grants and foreign servers are not supported.

import { escapeIdentifier } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, set, text, type ValuesOf } from "../schema.ts";
import { type ObjectType, PRIVILEGES, privilegeList, privilegesHeld } from "./privileges.ts";
import type { PostgresqlSession } from "./session.ts";

const OBJECT_TYPES = ["database", "function", "procedure", "routine", "schema", "sequence", "table"] as const;
type GrantType = (typeof OBJECT_TYPES)[number];

const inputs = {
  database: text({ required: true, replace: true }),
  objectType: text({ required: true, replace: true, oneOf: OBJECT_TYPES }),
  objects: set(text(), { replace: true }),
  privileges: set(text(), { required: true }),
  role: text({ required: true, replace: true }),
  schema: text({ replace: true }),
  withGrantOption: flag({ default: false, replace: true }),
} as const;

type Desired = ValuesOf<typeof inputs>;
type Known = Partial<Desired>;

export const grant = resourceHandler<PostgresqlSession>()({
  inputs,
  outputs: {},

  validate({ objectType, schema, objects, privileges = [] }) {
    if (!OBJECT_TYPES.some((type) => type === objectType) || !objectType) return [];
    if (objectType !== "database" && schema === undefined) {
      return [{ property: "schema", reason: `schema must be given for objectType "${objectType}"` }];
    }
    if ((objectType === "database" || objectType === "schema") && (objects ?? []).length > 0) {
      return [{ property: "objects", reason: `objects must be empty for objectType "${objectType}"` }];
    }
    const allowed: readonly string[] = [...PRIVILEGES[objectType], "ALL", "TEMP", "MAINTAIN"];
    if (!Array.isArray(privileges)) return [];
    const wrong = privileges.find((p) => /^[A-Za-z]+$/.test(p) && !allowed.includes(p.toUpperCase()));
    if (wrong === undefined) return [];
    const reason = `privileges must be of ${PRIVILEGES[objectType].join(", ")}, ALL for a ${objectType}, got "${wrong}"`;
    return [{ property: "privileges", reason }];
  },

  async observe(_id, known, session) {
    const { database, role, objectType } = known;
    if (!database || !role || !objectType || !(await reachable(database, role, session))) return undefined;
    const held = await heldOn(known, objectType, session);
    const grantable = held.length > 0 && held.every((object) => object.grantable);
    if (held.length > 0 && held.every(({ privileges }) => privileges.length === 0)) {
      if (known.privileges?.length) return undefined;
    }
    return {
      database,
      role,
      objectType,
      schema: known.schema,
      objects: known.objects,
      privileges: privilegesHeld(
        held.map(({ privileges }) => privileges),
        known.privileges,
        objectType,
      ),
      withGrantOption: held.length === 0 ? known.withGrantOption : grantable,
    };
  },

  async create(desired, session) {
    await session.write([revokeAll(desired), ...grantStatements(desired)], desired.database);
    const { role, database, schema, objectType, objects = [] } = desired;
    const place = objectType === "database" ? [database] : [database, schema];
    return [role, ...place, objectType, ...objects.toSorted()].join("_");
  },

  // One transaction: nobody sees the moment without privileges.
  sync: (_id, desired, _observed, session) =>
    session.write([revokeAll(desired), ...grantStatements(desired)], desired.database),

  async delete(_id, known, session) {
    const { database, role, objectType } = known;
    if (!database || !role || !objectType || !(await reachable(database, role, session))) return;
    if (known.schema !== undefined && !(await schemaExists(database, known.schema, session))) return;
    await session.write([revokeAll({ ...known, role, objectType, database })], database);
  },
});

async function reachable(database: string, role: string, session: PostgresqlSession): Promise<boolean> {
  const [row] = await session.rows(
    "select from pg_database where datname = $1 and (lower($2) = 'public' or exists (select from pg_roles where rolname = $2))",
    [database, role],
  );
  return row !== undefined;
}

async function schemaExists(database: string, schema: string, session: PostgresqlSession): Promise<boolean> {
  const [row] = await session.rows("select from pg_namespace where nspname = $1", [schema], database);
  return row !== undefined;
}

/** Where each object type keeps its access list; every query gives one row an object: its name, list and owner. */
const CATALOGUE: Record<GrantType, { sql: string; acl: string }> = {
  database: {
    acl: "d",
    sql: "select datname as name, datacl as acl, datdba as owner from pg_database where datname = $2",
  },
  schema: {
    acl: "n",
    sql: "select nspname as name, nspacl as acl, nspowner as owner from pg_namespace where nspname = $2",
  },
  table: { acl: "r", sql: relations("'r','p','v','m','f'") },
  sequence: { acl: "s", sql: relations("'S'") },
  function: { acl: "f", sql: routines("prokind in ('f','a','w')") },
  procedure: { acl: "f", sql: routines("prokind = 'p'") },
  routine: { acl: "f", sql: routines("true") },
};

function relations(kinds: string): string {
  return `select relname as name, relacl as acl, relowner as owner from pg_class
           where relnamespace = (select oid from pg_namespace where nspname = $2) and relkind in (${kinds})`;
}

function routines(condition: string): string {
  return `select proname as name, proacl as acl, proowner as owner from pg_proc
           where pronamespace = (select oid from pg_namespace where nspname = $2) and ${condition}`;
}

async function heldOn(known: Known, type: GrantType, session: PostgresqlSession) {
  const { sql, acl } = CATALOGUE[type];
  const scope = type === "database" ? known.database : known.schema;
  const rows = await session.rows<{ name: string; privileges: string[]; grantable: boolean }>(
    `select o.name::text, coalesce(bool_and(a.is_grantable), false) as grantable,
            array_remove(array_agg(distinct a.privilege_type), null)::text[] as privileges
       from (${sql}) o
       left join lateral aclexplode(coalesce(o.acl, acldefault('${acl}', o.owner))) a
         on a.grantee = case when lower($1) = 'public' then 0
                             else (select oid from pg_roles where rolname = $1) end
      group by o.name, o.acl::text`,
    [known.role, scope],
    known.database,
  );
  const named = (known.objects ?? []).map((object) => object.replace(/\(.*$/, ""));
  return named.length === 0 ? rows : rows.filter(({ name }) => named.includes(name));
}

type Target = Known & Pick<Desired, "database" | "role" | "objectType">;

/** The `on …` part of grant and revoke. */
function target({ objectType, database, schema = "public", objects = [] }: Target): string {
  if (objectType === "database") return `database ${escapeIdentifier(database)}`;
  if (objectType === "schema") return `schema ${escapeIdentifier(schema)}`;
  if (objects.length === 0) return `all ${objectType}s in schema ${escapeIdentifier(schema)}`;
  const qualified = objects.map((object) => `${escapeIdentifier(schema)}.${signature(object)}`);
  return `${objectType} ${qualified.join(", ")}`;
}

/** `name` or `name(type, type)`: argument types are SQL and stay as they are, but only what can be a type list. */
function signature(object: string): string {
  const parts = /^([^(]+)(\([\w\s,."[\]]*\))?$/.exec(object);
  if (!parts?.[1]) throw new Error(`objects must be names or signatures, got "${object}"`);
  return escapeIdentifier(parts[1].trim()) + (parts[2] ?? "");
}

function grantee(role: string): string {
  return role.toLowerCase() === "public" ? "public" : escapeIdentifier(role);
}

function revokeAll(from: Target): string {
  return `revoke all privileges on ${target(from)} from ${grantee(from.role)}`;
}

function grantStatements(desired: Desired): string[] {
  if (desired.privileges.length === 0) return [];
  const type: ObjectType = desired.objectType;
  const option = desired.withGrantOption ? " with grant option" : "";
  const list = privilegeList(desired.privileges, type);
  return [`grant ${list} on ${target(desired)} to ${grantee(desired.role)}${option}`];
}
