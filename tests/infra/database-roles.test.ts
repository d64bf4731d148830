// What each role of the database may do, tried on a real server: the allowed and the denied. And a rotation, at every moment
// of which a password works.
import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTool } from "../../checks/backup/tool.ts";
import { connect } from "../../checks/database.ts";
import { Database, type DatabaseArgs } from "../../infra/database.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { adminUrl } from "../checks/support/database.ts";
import { sharedServices } from "../support/services.ts";
import { Applied } from "./support/applied.ts";
import { plain } from "./support/mocks.ts";

const name = `roles-${randomBytes(3).toString("hex")}`;
const databaseName = name.replace("-", "_");
const signal = new AbortController().signal;
const applied = new Applied();
const CONNECTIONS = 8;

type Urls = { [Name in "admin" | "migrator" | "backup" | "application" | "readonly"]: string };
let urls: Urls;

/** Makes the database as it is by these arguments, and perhaps closes logins of the generation before. */
async function made(args: Partial<DatabaseArgs> = {}, formerClosed?: boolean): Promise<Urls> {
  const server = new URL(await adminUrl());
  const database = await applied.run(() => {
    const component = new Database(name, {
      server: {
        host: server.hostname,
        port: Number(server.port),
        username: server.username,
        password: pulumi.secret(server.password),
        database: "postgres",
        sslMode: "verify-full",
      },
      certificateFile: process.env.PGSSLROOTCERT,
      databaseName,
      applicationConnections: CONNECTIONS,
      disposable: true,
      ...args,
    });
    if (formerClosed !== undefined) component.former(formerClosed ? [component] : []);
    return component;
  });
  const { adminUrl: admin, migratorUrl: migrator, backupUrl: backup, applicationUrl, readonlyUrl } = database;
  const given = { admin, migrator, backup, application: applicationUrl, readonly: readonlyUrl };
  const found = Object.entries(given).map(async ([role, url]) => [role, await plain(url)] as const);
  return Object.fromEntries(await Promise.all(found)) as Urls;
}

/** `done`, or PostgreSQL's code of the refusal. */
async function tried(url: string, sql = "select 1"): Promise<string> {
  let client: Client | undefined;
  try {
    client = await connect(url, { application: "test", signal });
    await client.query(sql);
    return "done";
  } catch (error) {
    // A session that was refused is wrapped in what to do about it.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (cause instanceof Error && "code" in cause) return String(cause.code);
    throw error;
  } finally {
    await client?.end();
  }
}

const DENIED = "42501";
const WRONG_PASSWORD = "28P01";

beforeAll(async () => {
  // With PostgreSQL's client tools, which this machine may have only with its services.
  process.env.PATH = servicesEnvironment(await sharedServices()).PATH;
  urls = await made({ backupRole: "bypassesRowSecurity" });
  expect(
    await tried(
      urls.migrator,
      `create table orders (id serial primary key, who text not null);
       insert into orders (who) values ('a'), ('b');
       create table secrets (id int, owner text); insert into secrets values (1, 'nobody');
       alter table secrets enable row level security;
       create policy own on secrets using (owner = current_user);
       create table shown (who text); insert into shown values ('all');
       alter table shown enable row level security;
       create policy application on shown to ${databaseName}_application using (true)`,
    ),
  ).toBe("done");
});

afterAll(() => applied.remove());

describe("each role", () => {
  it.each([
    ["application", "select * from orders", "done"],
    ["application", "insert into orders (who) values ('c'); delete from orders where who = 'c'", "done"],
    ["application", "update orders set who = who", "done"],
    ["application", "truncate orders", DENIED],
    ["application", "create table public.own (id int)", DENIED],
    ["application", "create temporary table own (id int)", DENIED],
    ["application", "alter table orders add column more int", DENIED],
    ["application", "set role postgres", "22023"],
    ["application", `set role ${databaseName}_owner`, DENIED],
    ["application", "select * from pg_authid", DENIED],
    ["readonly", "select * from orders", "done"],
    ["readonly", "insert into orders (who) values ('c')", DENIED],
    ["readonly", "select nextval('orders_id_seq')", DENIED],
    ["backup", "select * from orders", "done"],
    ["backup", "select last_value from orders_id_seq", "done"],
    ["backup", "insert into orders (who) values ('c')", DENIED],
    ["backup", "delete from orders", DENIED],
    ["backup", "create table public.own (id int)", DENIED],
    ["backup", "create role other", DENIED],
    ["migrator", "create table own (id int); drop table own", "done"],
    ["migrator", "create role other", DENIED],
    ["migrator", "create database other", DENIED],
  ] as const)("%s: %s: %s", async (role, sql, outcome) => {
    expect(await tried(urls[role], sql)).toBe(outcome);
  });

  it("of the application is under the policies that are for it", async () => {
    const rowsOf = async (url: string) => {
      const client = await connect(url, { application: "test", signal });
      const { rows } = await client.query("select who from shown");
      await client.end();
      return rows;
    };
    expect([await rowsOf(urls.application), await rowsOf(urls.readonly)]).toEqual([[{ who: "all" }], []]);
  });

  it("owns nothing but as the owner", async () => {
    const client = await connect(urls.migrator, { application: "test", signal });
    const { rows } = await client.query(
      "select distinct pg_get_userbyid(relowner)::text as owner from pg_class where relnamespace = 'public'::regnamespace",
    );
    await client.end();
    expect(rows).toEqual([{ owner: `${databaseName}_owner` }]);
  });

  it("has its limits in force in a session", async () => {
    const limitsOf = async (url: string) => {
      const client = await connect(url, { application: "test", signal });
      const { rows } = await client.query(
        `select current_setting('statement_timeout') as statement,
                current_setting('idle_in_transaction_session_timeout') as idle,
                (select ssl from pg_stat_ssl where pid = pg_backend_pid()) as encrypted`,
      );
      await client.end();
      return rows[0];
    };
    expect(await limitsOf(urls.application)).toEqual({
      statement: "30s",
      idle: "30s",
      encrypted: true,
    });
    expect(await limitsOf(urls.readonly)).toMatchObject({
      statement: "30s",
      encrypted: true,
    });
  });

  it("holds as many connections as it may, and no more", async () => {
    const admin = await connect(urls.admin, { application: "test", signal });
    // Sessions of the tests before take a moment to be gone.
    const held = async () => {
      const { rows } = await admin.query(
        "select count(*)::int as held from pg_stat_activity where usename like $1",
        [`${databaseName}_application%`],
      );
      return rows[0].held;
    };
    await expect.poll(held, { timeout: 30_000 }).toBe(0);
    const one = () => connect(urls.application, { application: "test", signal });
    const open = await Promise.all(Array.from({ length: CONNECTIONS }, one));
    expect(await tried(urls.application)).toBe("53300");
    await Promise.all(open.map((client) => client.end()));
    await expect.poll(held, { timeout: 30_000 }).toBe(0);
    await admin.end();
  });
});

describe("the database", () => {
  it("takes no connection without TLS, whoever asks", async () => {
    for (const url of Object.values(urls)) {
      const { hostname: host, port, username: user, password } = new URL(url);
      const client = new Client({
        host,
        port: Number(port),
        user,
        password: decodeURIComponent(password),
        database: databaseName,
        ssl: false,
      });
      await expect(client.connect()).rejects.toMatchObject({ code: "28000" });
    }
  });

  it("lets in nobody but its own roles", async () => {
    const stranger = `${databaseName}_stranger`;
    expect(await tried(urls.admin, `create role ${stranger} login password 'of-nobody'`)).toBe("done");
    const url = urls.admin.replace(/\/\/[^@]*@/, `//${stranger}:of-nobody@`);
    expect(await tried(url)).toBe(DENIED);
    expect(await tried(urls.admin, `drop role ${stranger}`)).toBe("done");
  });
});

describe("a backup", () => {
  const dump = (url: string) =>
    runTool({ program: "pg_dump", arguments: ["--data-only"], databaseUrl: url, signal });

  it("holds every row, also those that policies hide from others", async () => {
    expect(await dump(urls.backup)).toMatch(/COPY public\.secrets .*\n1\tnobody/);
  });

  it("that policies would cut short fails, and says what to set", async () => {
    const { backup } = await made({ backupRole: "reads" });
    await expect(dump(backup)).rejects.toThrow(/row-level security policy.*set `database.backupRole`/);
  });

  it("can be taken as the owner, where nobody can give a role that attribute", async () => {
    const { backup } = await made({ backupRole: "owner" });
    expect(await dump(backup)).toMatch(/COPY public\.secrets .*\n1\tnobody/);
  });
});

describe("a rotation", () => {
  it("opens the other login, lets the former one work until it is closed, and then refuses it", async () => {
    const next = await made({ passwordGeneration: 2 });
    for (const role of ["application", "readonly"] as const) {
      expect(new URL(urls[role]).username).toBe(`${databaseName}_${role}_blue`);
      expect(new URL(next[role]).username).toBe(`${databaseName}_${role}_green`);
      expect([await tried(urls[role]), await tried(next[role])]).toEqual(["done", "done"]);
    }
    await made({ passwordGeneration: 2 }, true);
    for (const role of ["application", "readonly"] as const)
      expect([await tried(urls[role]), await tried(next[role])]).toEqual([WRONG_PASSWORD, "done"]);
    for (const role of ["migrator", "backup"] as const)
      expect([await tried(urls[role]), await tried(next[role])]).toEqual([WRONG_PASSWORD, "done"]);
  });

  it("leaves the former login open where nobody knows when it is no longer used", async () => {
    const second = await made({ passwordGeneration: 2 });
    const third = await made({ passwordGeneration: 3 }, false);
    expect([await tried(second.application), await tried(third.application)]).toEqual(["done", "done"]);
    expect(new URL(third.application).password).not.toBe(new URL(urls.application).password);
  });
});
