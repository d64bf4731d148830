// The empty database that a backup is restored into beside the live one, and which is to take its place: everything that a dump
// of the live one does not carry.
import type { Client } from "pg";
import { localeOptions, readLocale } from "../backup/locale.ts";
import { messageOf } from "../step/message.ts";

// Kept as lists of names: written back as one text, `app, public` would become one schema of that name.
const LISTS = new Set([
  "search_path",
  "temp_tablespaces",
  "session_preload_libraries",
  "local_preload_libraries",
]);
const INSUFFICIENT_PRIVILEGE = "42501";

/**
 * An empty database like the live one: owner, encoding, locale, settings. What an earlier attempt left goes first.
 * @returns a line on each setting that only a superuser may make, who did: it does not keep the database from coming back
 */
export async function createBeside(client: Client, live: string, beside: string): Promise<string[]> {
  const id = (name: string) => client.escapeIdentifier(name);
  const { rows } = await client.query<Likeness>(LIKENESS, [live]);
  const [like] = rows;
  const locale = await readLocale(client, live);
  if (!like || !locale) throw new Error(`database "${live}": is not there, want the live one`);
  await client.query(`drop database if exists ${id(beside)} with (force)`);
  await client.query(
    `create database ${id(beside)} owner ${id(like.owner)} template template0 connection limit ${like.limit} ${localeOptions(client, locale)}`,
  );
  await grant(client, live, beside);
  return set(client, live, beside);
}

interface Likeness {
  owner: string;
  limit: number;
}

const LIKENESS =
  "select pg_get_userbyid(datdba) as owner, datconnlimit as limit from pg_database where datname = $1";

async function grant(client: Client, live: string, beside: string): Promise<void> {
  const id = (name: string) => client.escapeIdentifier(name);
  const { rows } = await client.query<{ grantee: string | null; privilege: string }>(
    `select case a.grantee when 0 then null else pg_get_userbyid(a.grantee) end as grantee, a.privilege_type as privilege
       from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a where d.datname = $1`,
    [live],
  );
  await client.query(`revoke all on database ${id(beside)} from public`);
  for (const { grantee, privilege } of rows)
    await client.query(
      `grant ${privilege} on database ${id(beside)} to ${grantee === null ? "public" : id(grantee)}`,
    );
}

/** Also those of one role in this database: they are bound to it, not to its name. */
async function set(client: Client, live: string, beside: string): Promise<string[]> {
  const id = (name: string) => client.escapeIdentifier(name);
  const { rows } = await client.query<{ role: string | null; name: string; value: string }>(
    `select case r.setrole when 0 then null else pg_get_userbyid(r.setrole) end as role,
            split_part(s, '=', 1) as name, substr(s, strpos(s, '=') + 1) as value
       from pg_db_role_setting r join pg_database d on d.oid = r.setdatabase, unnest(r.setconfig) s
      where d.datname = $1`,
    [live],
  );
  const leftOut: string[] = [];
  for (const { role, name, value } of rows) {
    const whose = role === null ? `database ${id(beside)}` : `role ${id(role)} in database ${id(beside)}`;
    const statement = LISTS.has(name)
      ? `select set_config(${client.escapeLiteral(name)}, ${client.escapeLiteral(value)}, true); alter ${whose} set ${id(name)} from current`
      : `alter ${whose} set ${id(name)} = ${client.escapeLiteral(value)}`;
    try {
      await client.query(`begin; ${statement}; commit`);
    } catch (error) {
      await client.query("rollback");
      if (!(error instanceof Error && "code" in error && error.code === INSUFFICIENT_PRIVILEGE)) throw error;
      leftOut.push(
        `not taken over from ${live}: ${name} = ${value}${role === null ? "" : ` of ${role}`} (${messageOf(error)})`,
      );
    }
  }
  return leftOut;
}
