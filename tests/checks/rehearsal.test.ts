// The rehearsal on a real backup of a real database, with a migrating role that owns it and is no superuser.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { step as backup } from "../../checks/backup.ts";
import { loadGrammar } from "../../checks/migrations/grammar.ts";
import { readScript } from "../../checks/migrations/script.ts";
import { beyondDatabase } from "../../checks/rehearsal/beyond.ts";
import { judgeWalk } from "../../checks/rehearsal/judge.ts";
import { planRehearsal } from "../../checks/rehearsal/plan.ts";
import { type RehearsalInputs, step } from "../../checks/rehearsal.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
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
  const directory = directoryOfSuite(APPLIED);
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

/** As `directoryOf`, for as long as the whole file. */
function directoryOfSuite(files: { [name: string]: string }): string {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-rehearsal-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

/** The rehearsal of these files behind those that are applied. */
const rehearse = (files: { [name: string]: string }, options: Partial<RehearsalInputs> = {}) =>
  runStep(step, { ...given, ...options, directory: directoryOf({ ...APPLIED, ...files }) });

const copies = async () =>
  query(await adminUrl(), "select datname from pg_database where datname like 'greenlight_restore%'");

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
