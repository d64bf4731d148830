// The rehearsal on a real backup of a real database, with a migrating role that owns it and is no superuser.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { step as backup } from "../../checks/backup.ts";
import { withDatabase } from "../../checks/database.ts";
import { loadGrammar } from "../../checks/migrations/grammar.ts";
import { createHistory } from "../../checks/migrations/history.ts";
import { readScript } from "../../checks/migrations/script.ts";
import { beyondDatabase } from "../../checks/rehearsal/beyond.ts";
import { makeAlike } from "../../checks/rehearsal/copy.ts";
import { judgeWalk } from "../../checks/rehearsal/judge.ts";
import { planRehearsal } from "../../checks/rehearsal/plan.ts";
import { dataDigest, readState, schemaDigest } from "../../checks/rehearsal/state.ts";
import { walk } from "../../checks/rehearsal/walk.ts";
import { type RehearsalInputs, step } from "../../checks/rehearsal.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { scratchDatabasesLeft } from "../support/scratch-databases.ts";
import { sharedServices } from "../support/services.ts";
import { adminUrl, newDatabase, query } from "./support/database.ts";
import { directoryOf, up } from "./support/migrations.ts";
import { resultsOf, runStep } from "./support/step.ts";

const BUCKET = "rehearsal-test";
const ROLE = `rehearsal_${process.pid}`;
const KEY = "a key for tests with more than 32 characters";
const APPLIED = {
  "1_orders.sql":
    "create table orders (id bigint primary key, code text not null); insert into orders select g, 'c' || g % 5 from generate_series(1, 10) g",
  "1_orders.down.sql": "drop table orders",
};
let databaseUrl: string;
let given: RehearsalInputs;

// Of the applied files, for as long as all tests.
const directory = mkdtempSync(join(tmpdir(), "greenlight-rehearsal-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  const s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
  );
  const Rules = [
    { ID: "expire", Status: "Enabled" as const, Filter: { Prefix: "backups/" }, Expiration: { Days: 30 } },
  ];
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: { Rules } }),
  );
  const admin = await adminUrl();
  await query(admin, `create role ${ROLE} login password 'rehearsal-password'`);
  const owned = new URL(await newDatabase());
  await query(admin, `alter database ${owned.pathname.slice(1)} owner to ${ROLE}`);
  await query(admin, `alter database ${owned.pathname.slice(1)} set search_path to public, "$user"`);
  const restoreUrl = owned.href;
  owned.username = ROLE;
  owned.password = "rehearsal-password";
  databaseUrl = owned.href;
  for (const [name, content] of Object.entries(APPLIED)) writeFileSync(join(directory, name), content);
  await up(databaseUrl, directory);
  const made = await runStep(backup, {
    databaseUrl,
    restoreUrl,
    bucket: BUCKET,
    encryptionKey: KEY,
    release: "1.0.0",
    retentionDays: 30,
    rtoSeconds: 60,
  });
  const { bucket, key, versionId, archiveBytes } = made.facts;
  given = step.inputs().parse({
    directory,
    databaseUrl,
    restoreUrl,
    backup: { bucket, key, versionId, archiveBytes },
    encryptionKey: KEY,
  });
});

/** The rehearsal of these files behind those that are applied. */
const rehearse = (files: { [name: string]: string }, options: Partial<RehearsalInputs> = {}) =>
  runStep(step, { ...given, ...options, directory: directoryOf({ ...APPLIED, ...files }) });

const copies = async () => scratchDatabasesLeft(await adminUrl());

describe("rehearsal", () => {
  it("runs the pending files up, down and up on a copy, and leaves production and the server as they were", async () => {
    const ran = await rehearse({
      "2_items.sql":
        "create table items (id bigint generated always as identity primary key, at timestamptz default clock_timestamp());\ninsert into items default values;\ncreate index orders_code on orders (code);",
      "2_items.down.sql": "drop index orders_code; drop table items",
      "3_state.sql": "alter table orders add state text not null default 'new'",
      "3_state.down.sql": "alter table orders drop state",
      "4_grants.sql": "grant select on orders to public",
      "4_grants.down.sql": "revoke select on orders from public",
    });
    expect(resultsOf(ran)).toEqual({
      isolated: "passed",
      up: "passed",
      reversible: "passed",
      "schema-restored": "passed",
      "data-restored": "passed",
      again: "passed",
      duration: "notApplicable",
    });
    expect(ran.facts).toMatchObject({
      versionBefore: "1",
      versionAfter: "4",
      files: [{ path: "2_items.sql" }, { path: "3_state.sql" }, { path: "4_grants.sql" }],
      rowsChanged: {
        "public.items": { before: null, after: 1 },
        "public.orders": { before: 10, after: 10 },
      },
    });
    expect(ran.facts.dataDigestAfterDown).toBe(ran.facts.dataDigestBefore);
    expect(ran.facts.schemaDigestAfter).not.toBe(ran.facts.schemaDigestBefore);
    expect(await query(databaseUrl, "select to_regclass('items'), count(*)::int from orders")).toEqual([
      [null, 10],
    ]);
    expect(await copies()).toEqual([]);
  });

  it("fails where a way down leaves an index, a privilege or other rows behind", async () => {
    const ran = await rehearse({
      "2_code.sql":
        "create index orders_code on orders (code); grant select on orders to public; update orders set code = upper(code)",
      "2_code.down.sql": "select 1",
    });
    expect(resultsOf(ran)).toMatchObject({
      reversible: "passed",
      "schema-restored": "failed",
      "data-restored": "failed",
      again: "failed",
    });
    const seen = (id: string) => ran.observations.find((one) => one.id === id)?.observed;
    expect(seen("schema-restored")).toMatch(/orders\.orders_code \(indexes\) was not there before/);
    expect(seen("schema-restored")).toMatch(/table orders is .*- SELECT/);
    expect(seen("data-restored")).toMatch(/^public\.orders: digest -?\d+, want -?\d+$/);
    expect(seen("again")).toContain('relation "orders_code" already exists');
  });

  it("tells migrations the name of the database that the copy is of", async () => {
    const name = new URL(databaseUrl).pathname.slice(1);
    const file = `select current_database() <> '${name}' and current_setting('greenlight.source') = '${name}'`;
    const ran = await rehearse({ "2_x.sql": `select 1;\n-- verify\n${file}`, "2_x.down.sql": "select 1" });
    expect(resultsOf(ran)).toMatchObject({ up: "passed", again: "passed" });
  });

  it("fails where a way down leaves a privilege on a column behind", async () => {
    const ran = await rehearse({
      "2_code.sql": "grant select (code) on orders to public",
      "2_code.down.sql": "select 1",
    });
    expect(resultsOf(ran)).toMatchObject({ "schema-restored": "failed", again: "passed" });
    expect(ran.observations.find(({ id }) => id === "schema-restored")?.observed).toBe(
      "column orders.code (privileges) was not there before",
    );
  });

  it("does not count the history among the objects, whatever its name", async () => {
    const url = await newDatabase();
    const place = { schema: "public", table: "Applied Files" };
    await withDatabase(url, { application: "test", signal: AbortSignal.timeout(60_000) }, async (client) => {
      const before = await readState(client, place);
      await createHistory(client, place);
      expect(await readState(client, place)).toEqual(before);
    });
  });

  it("makes the copy alike without what only a superuser may set", async () => {
    const admin = await adminUrl();
    const role = `alike_${process.pid}`;
    await query(admin, `create role ${role} login createdb password 'alike-password'`);
    const [source, copy] = [await newDatabase(), await newDatabase()].map((url) =>
      new URL(url).pathname.slice(1),
    );
    onTestFinished(async () => {
      for (const name of [source, copy]) await query(admin, `drop database if exists ${name} with (force)`);
      await query(admin, `drop role ${role}`);
    });
    for (const name of [source, copy]) await query(admin, `alter database ${name} owner to ${role}`);
    await query(admin, `alter database ${source} set log_min_duration_statement = 250`);
    await query(admin, `alter database ${source} set statement_timeout = '77s'`);
    const url = admin.replace(/\/\/[^@]*@/, `//${role}:alike-password@`);
    await withDatabase(url, { application: "test", signal: AbortSignal.timeout(60_000) }, (client) =>
      makeAlike(client, String(copy), url.replace(/\/[^/?]*(\?|$)/, `/${source}$1`)),
    );
    expect(await query(url.replace(/\/[^/?]*(\?|$)/, `/${copy}$1`), "show statement_timeout")).toEqual([
      ["77s"],
    ]);
  });

  it("fails where production's rows stop a file, and says that nothing after it was looked at", async () => {
    const ran = await rehearse({
      "2_unique.sql": "alter table orders add unique (code)",
      "2_unique.down.sql": "alter table orders drop constraint orders_code_key",
    });
    expect(resultsOf(ran)).toEqual({
      isolated: "passed",
      up: "failed",
      reversible: "inconclusive",
      "schema-restored": "inconclusive",
      "data-restored": "inconclusive",
      again: "inconclusive",
      duration: "inconclusive",
    });
    expect(ran.observations[1]?.observed).toMatch(/^0 run; 2_unique\.sql:1:1: could not create unique index/);
    expect(await copies()).toEqual([]);
  });

  it("asks for a way down unless told that it is optional, in the preview already", async () => {
    const files = { "2_items.sql": "create table items (id int)" };
    const context = { name: "test", log: () => {}, signal: AbortSignal.timeout(30_000), previous: undefined };
    const directory = directoryOf({ ...APPLIED, ...files });
    await expect(planRehearsal({ ...given, directory }, context)).rejects.toThrow(
      "2_items.sql: no down file, want a way back; add 2_items.down.sql or set down to optional",
    );
    expect(resultsOf(await rehearse(files))).toMatchObject({ up: "passed", reversible: "failed" });
    const optional = await rehearse(files, { down: "optional" });
    expect(resultsOf(optional)).toMatchObject({ up: "passed", reversible: "notApplicable" });
    expect(await planRehearsal({ ...given, directory, down: "optional" }, context)).toEqual([
      "1 pending files on a copy restored from the backup: up, down, up",
      "without a way down: 2_items.sql",
    ]);
  });

  it("runs nothing that would change the server of production", async () => {
    const role = `beyond_${process.pid}`;
    const ran = await rehearse({
      "2_role.sql": `create role ${role}`,
      "2_role.down.sql": `drop role ${role}`,
    });
    expect(resultsOf(ran)).toMatchObject({ isolated: "failed", up: "inconclusive" });
    expect(ran.observations[0]?.observed).toContain(`2_role.sql:1:1: "create role ${role}"`);
    expect(await query(await adminUrl(), `select from pg_roles where rolname = '${role}'`)).toEqual([]);
  });

  it("knows the server of production also by another name", async () => {
    const role = `beyond_named_${process.pid}`;
    const files = { "2_role.sql": `create role ${role}`, "2_role.down.sql": `drop role ${role}` };
    const restoreUrl = (given.restoreUrl ?? "").replace("@127.0.0.1:", "@localhost:");
    const ran = await rehearse(files, { restoreUrl });
    expect(resultsOf(ran)).toMatchObject({ isolated: "failed", up: "inconclusive" });
    expect(await copies()).toEqual([]);
  });

  it("takes nothing over from a database of the same name on another server", async () => {
    const admin = await adminUrl();
    const copy = new URL(await newDatabase()).pathname.slice(1);
    await withDatabase(admin, { application: "test", signal: AbortSignal.timeout(60_000) }, (client) =>
      makeAlike(client, copy, undefined),
    );
    const acl = await query(admin, `select datacl::text from pg_database where datname = '${copy}'`);
    expect(acl).toEqual([["{greenlight=CTc/greenlight}"]]);
  });

  it("keeps the session that migrates while the other one reads, also where a role's sessions may not rest", async () => {
    const url = await newDatabase();
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set idle_session_timeout = '300ms'`);
    const signal = AbortSignal.timeout(60_000);
    const session = { application: "test", signal };
    const directory = directoryOf({ "1_a.sql": "create table a (id int)", "1_a.down.sql": "drop table a" });
    const walked = await withDatabase(url, session, (observer) =>
      withDatabase(url, session, (client) => {
        const read = observer.query.bind(observer);
        // As where there is much to read.
        const slowly = async (...args: Parameters<typeof read>) => {
          if (String(args[0]).includes("from pg_class c join pg_namespace")) await pause(400);
          return read(...args);
        };
        Object.assign(observer, { query: slowly });
        return walk(client, observer, { ...given, directory }, true, { signal, log: () => {} });
      }),
    );
    expect(walked.second?.applied).toHaveLength(1);
  });

  it("counts as such what is said of a database, a role's name, or all that a role owns, and not of the copy", async () => {
    const of = async (sql: string) =>
      beyondDatabase([readScript({ path: "2_x.sql", sql, sha256: "" }, await loadGrammar())]).length;
    for (const sql of [
      "grant connect on database shop to app",
      "revoke temporary on database shop from public",
      "comment on database shop is 'x'",
      "alter database shop owner to app",
      "alter database shop rename to store",
      "alter role app rename to web",
      "grant create on tablespace fast to app",
      "reassign owned by app to web",
      "drop owned by app",
      "drop subscription orders",
      "do $$ begin drop owned by app; end $$",
    ])
      expect([sql, await of(sql)]).toEqual([sql, 1]);
    for (const sql of [
      "grant select on orders to app",
      "comment on table orders is 'x'",
      "alter table orders owner to app",
      "alter table orders rename to sales",
      "alter schema app owner to web",
    ])
      expect([sql, await of(sql)]).toEqual([sql, 0]);
  });

  it("has nothing to do, and passes, where nothing is pending", async () => {
    const ran = await runStep(step, given);
    expect(resultsOf(ran)).toMatchObject({ isolated: "passed", up: "passed", reversible: "notApplicable" });
  });

  it("judges the duration by its limit", () => {
    const state = { objects: {}, content: {} };
    const first = { before: "1", after: "2", applied: [], adopted: [], failure: undefined, history: [] };
    const applied = [{ version: "2", name: "a", path: "2_a.sql", sha256: "", durationMs: 1 }];
    const walked = { pending: [], beyond: [], before: state, first: { ...first, applied } };
    const result = (upSeconds: number) =>
      judgeWalk({ ...walked, upSeconds }, { ...given, maximumSeconds: 10 }).at(-1)?.result;
    expect([result(10), result(10.1)]).toEqual(["passed", "failed"]);
  });
});

describe("a preview", () => {
  const signal = () => AbortSignal.timeout(600_000);
  const preview = (files: { [name: string]: string }, options: Partial<RehearsalInputs> = {}) =>
    planRehearsal(
      { ...given, previewSeconds: 900, ...options, directory: directoryOf({ ...APPLIED, ...files }) },
      { name: "test", log: () => {}, signal: signal(), previous: undefined },
    );
  /** Everything of the live database, and the names of all. */
  const live = async () => {
    const url = new URL(given.restoreUrl ?? "");
    const state = await withDatabase(url.href, { application: "test", signal: signal() }, (client) =>
      readState(client, { schema: "public", table: "greenlight_migrations" }),
    );
    const history = await query(databaseUrl, "select * from greenlight_migrations");
    return { schema: schemaDigest(state), data: dataDigest(state), history, copies: await copies() };
  };
  const ITEMS = {
    "2_items.sql":
      "create table items (id bigint generated always as identity primary key, note text);\ncreate index items_note on items (note);\nalter table orders add state text not null default 'new'",
    "2_items.down.sql": "alter table orders drop state; drop table items",
  };

  it("tries the ways down on a copy without rows, and leaves the live database as it was", async () => {
    const before = await live();
    expect(
      await preview({
        ...ITEMS,
        "3_view.sql":
          "create view open_items as select id from items; create function one() returns int language sql as 'select 1'; alter table orders enable row level security; create policy own on orders using (true)",
        "3_view.down.sql":
          "drop policy own on orders; alter table orders disable row level security; drop function one(); drop view open_items",
      }),
    ).toEqual([
      "2 pending files on a copy restored from the backup: up, down, up",
      "tried on a copy of the schema: 2 files up, down and up leave it as it was",
    ]);
    expect(await live()).toEqual(before);
    expect(before.copies).toEqual([]);
  });

  it("refuses a release whose ways down leave or lose something, each with its file and what it is", async () => {
    const before = await live();
    const refused = preview({
      ...ITEMS,
      "2_items.down.sql": "alter table orders drop state; drop index items_note",
      "3_code.sql": "create index orders_code on orders (code)",
      "3_code.down.sql": "select 1",
      "4_note.sql": "alter table orders add note text",
      "4_note.down.sql": "select 1",
      "5_default.sql": "alter table orders alter code set default 'none'",
      "5_default.down.sql": "select 1",
      "6_price.sql": "create function price() returns int language sql as 'select 1'",
      "6_price.down.sql": "drop function price()",
      "7_price.sql": "create or replace function price() returns int language sql as 'select 2'",
      "7_price.down.sql": "select 1",
      "8_own.sql": "alter table orders enable row level security; create policy own on orders using (true)",
      "8_own.down.sql": "alter table orders disable row level security",
      "9_numbers.sql": "create sequence numbers",
      "9_numbers.down.sql": "select 1",
      "10_named.sql": "alter table orders drop constraint orders_pkey",
      "10_named.down.sql": "select 1",
    });
    const message = await refused.then(
      () => "",
      (error: Error) => error.message,
    );
    const told = (file: string) => message.split("; ").find((line) => line.startsWith(`${file}: `)) ?? "";
    expect(told("10_named.down.sql")).toMatch(
      /does not bring back the constraint orders\.orders_pkey, does not bring back the index orders\.orders_pkey/,
    );
    expect(told("9_numbers.down.sql")).toContain("leaves the sequence numbers");
    expect(told("8_own.down.sql")).toBe(
      "8_own.down.sql: leaves the policy orders.own, want the schema as it was before 8_own.sql",
    );
    expect(told("7_price.down.sql")).toContain("leaves the function price() as {");
    expect(told("6_price.down.sql")).toBe("");
    expect(told("5_default.down.sql")).toMatch(
      /leaves the column orders\.code as .*'none'::text.*, want .*null/,
    );
    expect(told("4_note.down.sql")).toContain("leaves the column orders.note, want");
    expect(told("3_code.down.sql")).toContain("leaves the index orders.orders_code, want");
    // The table says it all: its columns and indexes are not told again.
    expect(told("2_items.down.sql")).toBe(
      "2_items.down.sql: leaves the table items, want the schema as it was before 2_items.sql",
    );
    expect(await live()).toEqual(before);
  });

  it("refuses a way down that fails, or after which the way up fails", async () => {
    await expect(
      preview({ ...ITEMS, "2_items.down.sql": "alter table orders drop stat; drop table items" }),
    ).rejects.toThrow(
      /^2_items\.down\.sql:1:1: column "stat" .* does not exist .*; correct the way down\. Tried/,
    );
    await expect(
      preview({ "2_row.sql": "insert into orders values (1, 'a')", "2_row.down.sql": "select 1" }),
    ).rejects.toThrow(/^2_row\.sql:1:1: duplicate key .* when it is run again after its way down/);
    expect(await copies()).toEqual([]);
  });

  it("says why it does not try, and leaves it to the update", async () => {
    const down = { "2_x.down.sql": "select 1" };
    const why = async (sql: string, options: Partial<RehearsalInputs> = {}, back = down) =>
      (await preview({ "2_x.sql": sql, ...back }, options))[1];
    const later = "; up does it on the copy restored from the backup";
    expect(
      await why("do $$ begin if not exists (select from orders) then raise 'no orders'; end if; end $$"),
    ).toMatch(new RegExp(`^not tried in the preview: 2_x\\.sql:1:1: no orders .*${later}$`));
    expect(
      await why("select 1", {}, { "2_x.down.sql": "select 1;\n-- verify\nselect count(*) = 10 from orders" }),
    ).toMatch(/^not tried in the preview: 2_x\.down\.sql:3:1: verify: /);
    expect(await why(`create role beyond_${process.pid}`)).toMatch(
      /^not tried in the preview: 2_x\.sql:1:1: "create role .* reaches beyond the database/,
    );
    expect(await why("select 1", { restoreUrl: undefined })).toContain(
      "permission denied to create database",
    );
    expect(await why("select 1", { previewSeconds: 0 })).toBe(
      `not tried in the preview: previewSeconds is 0${later}`,
    );
    const nowhere = databaseUrl.replace(/\/checks_\w+/, "/checks_nowhere");
    expect(await why("select 1", { databaseUrl: nowhere })).toBe(
      "not tried in the preview: there is no database to copy yet; up does it",
    );
    expect(await copies()).toEqual([]);
  });

  it("has no need of a copy where nothing is pending", async () => {
    expect(await preview({}, { restoreUrl: "postgresql://nobody@127.0.0.1:1/none" })).toEqual([
      "nothing pending: nothing to rehearse",
    ]);
  });
});

describe("statements beyond the database", () => {
  it.each([
    ["alter database orders set work_mem = '64MB'", true],
    ["alter system set work_mem = '64MB'", true],
    ["grant readers to writers", true],
    ["do $$ begin if true then create role reader; end if; end $$", true],
    ["grant select on orders to readers", false],
    ["do $$ begin create table role_names (id int); end $$", false],
    ["create user mapping for public server other", false],
  ])("are told apart: %s", async (sql, expected) => {
    const script = readScript({ path: "1_a.sql", sql, sha256: "" }, await loadGrammar());
    expect(beyondDatabase([script]).length > 0).toBe(expected);
  });
});
