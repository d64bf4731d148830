// postgresql.DefaultPrivileges: privileges that a role gets on objects another role will create.

import { escapeIdentifier } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, set, text, type ValuesOf } from "../schema.ts";
import { privilegeList, privilegesHeld } from "./privileges.ts";
import type { PostgresqlSession } from "./session.ts";

const OBJECT_TYPES = ["table", "sequence", "function", "type", "schema"] as const;
const CATALOGUE_LETTERS = { table: "r", sequence: "S", function: "f", type: "T", schema: "n" } as const;

const inputs = {
  database: text({ required: true, replace: true }),
  objectType: text({ required: true, replace: true, oneOf: OBJECT_TYPES }),
  owner: text({ required: true, replace: true }),
  privileges: set(text(), { required: true }),
  role: text({ required: true, replace: true }),
  schema: text({ replace: true }),
  withGrantOption: flag({ default: false, replace: true }),
} as const;

type Desired = ValuesOf<typeof inputs>;

export const defaultPrivileges = resourceHandler<PostgresqlSession>()({
  inputs,
  outputs: {},

  async observe(_id, known, session) {
    const { database, owner, role, objectType } = known;
    if (!database || !owner || !role || !objectType) return undefined;
    const [exists] = await session.rows("select from pg_database where datname = $1", [database]);
    if (!exists) return undefined;
    const [row] = await session.rows<{ privileges: string[]; grantable: boolean }>(
      `select array_agg(a.privilege_type)::text[] as privileges, bool_and(a.is_grantable) as grantable
         from pg_default_acl d, aclexplode(d.defaclacl) a
        where d.defaclrole = (select oid from pg_roles where rolname = $1)
          and d.defaclnamespace = coalesce((select oid from pg_namespace where nspname = $2), 0)
          and d.defaclobjtype = $3
          and a.grantee = case when lower($4) = 'public' then 0
                               else (select oid from pg_roles where rolname = $4) end
       having count(*) > 0`,
      [owner, known.schema ?? null, CATALOGUE_LETTERS[objectType], role],
      database,
    );
    if (!row && known.privileges?.length !== 0) return undefined;
    return {
      database,
      owner,
      role,
      objectType,
      schema: known.schema,
      privileges: privilegesHeld([row?.privileges ?? []], known.privileges, objectType),
      withGrantOption: row ? row.grantable : known.withGrantOption,
    };
  },

  async create(desired, session) {
    await session.write(statements(desired), desired.database);
    const { role, database, schema = "noschema", owner, objectType } = desired;
    return [role, database, schema, owner, objectType].join("_");
  },

  sync: (_id, desired, _observed, session) => session.write(statements(desired), desired.database),

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    const { database, owner, role, objectType } = known;
    if (!live || !database || !owner || !role || !objectType) return;
    await session.write([revokeAll({ ...known, database, owner, role, objectType })], database);
  },
});

type Target = Pick<Desired, "owner" | "role" | "objectType" | "schema">;

function prefix({ owner, schema }: Target): string {
  const where = schema === undefined ? "" : ` in schema ${escapeIdentifier(schema)}`;
  return `alter default privileges for role ${escapeIdentifier(owner)}${where}`;
}

function grantee(role: string): string {
  return role.toLowerCase() === "public" ? "public" : escapeIdentifier(role);
}

function revokeAll(from: Target & { database: string }): string {
  return `${prefix(from)} revoke all on ${from.objectType}s from ${grantee(from.role)}`;
}

function statements(desired: Desired): string[] {
  const { privileges, objectType, role, withGrantOption } = desired;
  if (privileges.length === 0) return [revokeAll(desired)];
  const option = withGrantOption ? " with grant option" : "";
  const list = privilegeList(privileges, objectType);
  return [
    revokeAll(desired),
    `${prefix(desired)} grant ${list} on ${objectType}s to ${grantee(role)}${option}`,
  ];
}
