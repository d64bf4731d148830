// postgresql.Role: a login or group role with its attributes, settings and memberships.

import { escapeIdentifier, escapeLiteral } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, list, number, set, text, type ValuesOf } from "../schema.ts";
import { matches, verifierOf } from "./password.ts";
import type { PostgresqlSession } from "./session.ts";

const inputs = {
  assumeRole: text(),
  bypassRowLevelSecurity: flag({ default: false }),
  connectionLimit: number({ default: -1, minimum: -1 }),
  createDatabase: flag({ default: false }),
  createRole: flag({ default: false }),
  encryptedPassword: flag({ default: true, kept: true }),
  idleInTransactionSessionTimeout: number({ minimum: 0 }),
  inherit: flag({ default: true }),
  login: flag({ default: false }),
  name: text({ name: { maxLength: 63 } }),
  password: text({ secret: true }),
  replication: flag({ default: false }),
  roles: set(text()),
  searchPaths: list(text()),
  skipDropRole: flag({ default: false, kept: true }),
  skipReassignOwned: flag({ default: false, kept: true }),
  statementTimeout: number({ minimum: 0 }),
  superuser: flag({ default: false }),
  validUntil: text({ default: "infinity" }),
} as const;

type Desired = ValuesOf<typeof inputs>;

interface RoleRow {
  rolname: string;
  rolsuper: boolean;
  rolinherit: boolean;
  rolcreaterole: boolean;
  rolcreatedb: boolean;
  rolcanlogin: boolean;
  rolreplication: boolean;
  rolbypassrls: boolean;
  rolconnlimit: number;
  valid_until: string | null;
  settings: string[] | null;
  roles: string[];
}

export const role = resourceHandler<PostgresqlSession>()({
  inputs,
  outputs: {},

  identify: (desired) => desired.name,

  async observe(id, known, session) {
    const name = known.name ?? id;
    const [row] = await session.rows<RoleRow>(
      `select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
              rolconnlimit, rolvaliduntil::text as valid_until, rolconfig as settings,
              array(select pg_get_userbyid(roleid)::text from pg_auth_members where member = r.oid) as roles
         from pg_roles r where rolname = $1`,
      [name],
    );
    if (!row) return undefined;
    const settings = settingsOf(row.settings ?? []);
    return {
      name: row.rolname,
      bypassRowLevelSecurity: row.rolbypassrls,
      connectionLimit: row.rolconnlimit,
      createDatabase: row.rolcreatedb,
      createRole: row.rolcreaterole,
      inherit: row.rolinherit,
      login: row.rolcanlogin,
      password: await passwordInForce(name, known.password, session),
      replication: row.rolreplication,
      // Memberships given by GrantRole are not this resource's: they count only where it names its own.
      roles: known.roles ? row.roles : undefined,
      assumeRole: settings.has("role") ? unquoted(settings.get("role") ?? "") : undefined,
      searchPaths: settings.get("search_path")?.split(/,\s*/).map(unquoted),
      statementTimeout: milliseconds(settings.get("statement_timeout")),
      idleInTransactionSessionTimeout: milliseconds(settings.get("idle_in_transaction_session_timeout")),
      superuser: row.rolsuper,
      validUntil: sameInstant(row.valid_until, known.validUntil)
        ? known.validUntil
        : (row.valid_until ?? "infinity"),
    };
  },

  async create(desired, session) {
    const name = escapeIdentifier(desired.name);
    const statements = [
      `create role ${name} ${attributes(desired)}`,
      ...(await passwordStatements(desired)),
      ...(desired.roles ?? []).map((parent) => `grant ${escapeIdentifier(parent)} to ${name}`),
      ...settingStatements(desired),
    ];
    await session.write(statements);
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const before = observed.name ?? id;
    const name = escapeIdentifier(desired.name);
    const rename =
      before === desired.name ? [] : [`alter role ${escapeIdentifier(before)} rename to ${name}`];
    const wanted = desired.roles ?? [];
    const current = observed.roles ?? [];
    await session.write([
      ...rename,
      `alter role ${name} ${attributes(desired)}`,
      ...(desired.password === observed.password ? [] : await passwordStatements(desired)),
      ...settingStatements(desired),
      ...current.filter((r) => !wanted.includes(r)).map((r) => `revoke ${escapeIdentifier(r)} from ${name}`),
      ...wanted.filter((r) => !current.includes(r)).map((r) => `grant ${escapeIdentifier(r)} to ${name}`),
    ]);
  },

  async delete(id, known, session) {
    const name = known.name ?? id;
    const [found] = await session.rows("select from pg_roles where rolname = $1", [name]);
    if (!found || known.skipDropRole) return;
    if (!known.skipReassignOwned) await giveUpOwned(name, session);
    await session.write([`drop role if exists ${escapeIdentifier(name)}`]);
  },
});

function attributes(desired: Desired): string {
  const named = (word: string, on: boolean) => (on ? word : `no${word}`);
  return [
    named("superuser", desired.superuser),
    named("createdb", desired.createDatabase),
    named("createrole", desired.createRole),
    named("inherit", desired.inherit),
    named("login", desired.login),
    named("replication", desired.replication),
    named("bypassrls", desired.bypassRowLevelSecurity),
    `connection limit ${desired.connectionLimit}`,
    `valid until ${escapeLiteral(desired.validUntil)}`,
  ].join(" ");
}

async function passwordStatements({ name, password }: Desired): Promise<string[]> {
  const value = password ? escapeLiteral(await verifierOf(password)) : "null";
  return [`alter role ${escapeIdentifier(name)} password ${value}`];
}

function settingStatements(desired: Desired): string[] {
  const name = escapeIdentifier(desired.name);
  const setting = (key: string, value: string | undefined) =>
    value === undefined ? `alter role ${name} reset ${key}` : `alter role ${name} set ${key} to ${value}`;
  const { assumeRole, searchPaths, statementTimeout, idleInTransactionSessionTimeout } = desired;
  return [
    setting("role", assumeRole ? escapeIdentifier(assumeRole) : undefined),
    setting("search_path", searchPaths?.length ? searchPaths.map(escapeIdentifier).join(", ") : undefined),
    setting("statement_timeout", statementTimeout ? `${statementTimeout}` : undefined),
    setting(
      "idle_in_transaction_session_timeout",
      idleInTransactionSessionTimeout ? `${idleInTransactionSessionTimeout}` : undefined,
    ),
  ];
}

/** The known password while it is in force; another text once somebody changed it, so that a refresh shows drift. */
async function passwordInForce(
  name: string,
  known: string | undefined,
  session: PostgresqlSession,
): Promise<string | undefined> {
  if (!known) return undefined;
  const [may] = await session.rows<{ may: boolean }>(
    "select has_table_privilege('pg_catalog.pg_authid', 'select') as may",
  );
  if (!may?.may) return known;
  const [row] = await session.rows<{ rolpassword: string | null }>(
    "select rolpassword from pg_authid where rolname = $1",
    [name],
  );
  const verifier = row?.rolpassword ?? "";
  return (await matches(known, verifier)) === false || verifier === "" ? "" : known;
}

/** What the role owns goes to the provider's user, and its privileges are revoked, in every database that has any. */
async function giveUpOwned(name: string, session: PostgresqlSession): Promise<void> {
  const databases = await session.rows<{ datname: string }>(
    `select distinct datname from pg_shdepend join pg_database d on d.oid = dbid
      where refobjid = (select oid from pg_roles where rolname = $1) and datallowconn
     union select $2`,
    [name, session.settings.database],
  );
  const owner = escapeIdentifier(name);
  for (const { datname } of databases) {
    await session.write([`reassign owned by ${owner} to current_user`, `drop owned by ${owner}`], datname);
  }
}

/** @param config `name=value` each */
function settingsOf(config: string[]): Map<string, string> {
  return new Map(
    config.map((entry): [string, string] => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

const UNITS: Record<string, number> = { "": 1, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(setting: string | undefined): number | undefined {
  const [, amount, unit = ""] = /^(\d+)(\w*)$/.exec(setting ?? "") ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1);
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function sameInstant(stored: string | null, wanted: string | undefined): boolean {
  if (wanted === undefined) return false;
  if (stored === null || stored === "infinity") return wanted === "infinity";
  return new Date(stored).getTime() === new Date(wanted).getTime();
}
