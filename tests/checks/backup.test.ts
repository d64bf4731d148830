// The backup check on a real PostgreSQL and the emulator's S3, KMS and lifecycle rules.
import { spawnSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { zstdCompressSync } from "node:zlib";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import { compareContent, readContent } from "../../checks/backup/content.ts";
import { restoreBackup } from "../../checks/backup/drill.ts";
import { dumpToS3 } from "../../checks/backup/dump.ts";
import { takeHead } from "../../checks/backup/head.ts";
import { judgeRestoreTime, verifyLevels } from "../../checks/backup/levels.ts";
import { withScratchDatabase } from "../../checks/backup/scratch.ts";
import { judgeSize } from "../../checks/backup/size.ts";
import { judgeRetention, judgeStored } from "../../checks/backup/stored.ts";
import { runTool } from "../../checks/backup/tool.ts";
import { type BackupInputs, step } from "../../checks/backup.ts";
import { connect, withDatabase } from "../../checks/database.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { scratchDatabasesLeft } from "../support/scratch-databases.ts";
import { sharedServices } from "../support/services.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const BUCKET = "backup-test";
const KEY = "a key for tests with more than 32 characters";
let admin = "";
let kmsKeyId = "";
const signal = AbortSignal.timeout(600_000);

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  admin = process.env.GREENLIGHT_DATABASE_URL ?? "";
  const s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
  );
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket: BUCKET,
      LifecycleConfiguration: {
        Rules: [
          { ID: "expire", Status: "Enabled", Filter: { Prefix: "backups/" }, Expiration: { Days: 30 } },
        ],
      },
    }),
  );
  const { KeyMetadata } = await new KMSClient({}).send(new CreateKeyCommand({}));
  kmsKeyId = KeyMetadata?.Arn ?? "";
});

/** A database with the kinds of value that are hard to compare; dropped by the next call. */
async function databaseWith(sql: string, name = "backup_source", options = ""): Promise<string> {
  await withDatabase(admin, { application: "test", signal }, async (client) => {
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name} ${options}`);
  });
  await withDatabase(admin, { application: "test", signal, database: name.replaceAll('"', "") }, (client) =>
    client.query(sql),
  );
  const url = new URL(admin);
  url.pathname = `/${name.replaceAll('"', "")}`;
  return url.href;
}

/** Dumps to the bucket without the drill. */
function dumpOf(databaseUrl: string, key: string, encryptionKey?: string) {
  return withDatabase(databaseUrl, { application: "test", signal }, async (client) => {
    await client.query("begin isolation level repeatable read");
    const { rows } = await client.query("select pg_export_snapshot() as snapshot");
    const target = { bucket: BUCKET, key, metadata: {} };
    return dumpToS3({ databaseUrl, snapshot: rows[0].snapshot, encryptionKey, target }, signal);
  });
}

const MIXED = `
  create type mood as enum ('good', 'bad');
  create table jobs (id bigint primary key, estado text, mood mood, payload jsonb, raw json, at timestamptz, price numeric);
  insert into jobs select g, 'pending', 'good', '{"a": 1}', '{"a":  1}', now(), g * 1.10 from generate_series(1, 2000) g;
  create table "Odd name" ("a column" text[]);
  insert into "Odd name" values ('{x,NULL}'), (null);
  create table empty_one ();
  create materialized view totals as select count(*) as n from jobs;
  alter table jobs enable row level security;`;

const inputsFor = (databaseUrl: string): Omit<BackupInputs, "prefix" | "minimumSizeRatio" | "triggers"> => ({
  databaseUrl,
  bucket: BUCKET,
  kmsKeyId,
  release: "1.2.3",
  retentionDays: 30,
  rtoSeconds: 60,
});

describe("backup", () => {
  it("stores a sealed backup and proves every level up to equal data", async () => {
    const url = await databaseWith(MIXED);
    const ran = await runStep(step, { ...inputsFor(url), encryptionKey: KEY });
    expect(ran.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "exists passed",
      "checksum passed",
      "encrypted passed",
      "sealed passed",
      "retention passed",
      "bytes-match passed",
      "listable passed",
      "restored passed",
      "data-equal passed",
      "restore-time passed",
      "size notApplicable",
    ]);
    expect(ran.facts).toMatchObject({ database: "backup_source", tableCount: 4, rowCount: 2003 });
    const object = await new S3Client({}).send(
      new GetObjectCommand({ Bucket: BUCKET, Key: String(ran.facts.key), Range: "bytes=0-7" }),
    );
    expect(await object.Body?.transformToString()).toBe("GREENLB1");
    expect(await scratchDatabasesLeft(admin)).toEqual([]);
  });

  it("backs up a database and tables of any name", async () => {
    const url = await databaseWith(
      `create schema "my.app"; create table "my.app"."of v1.2, größer" as select 1 as a;
       create table "two\nlines" as select 2 as a`,
      '"größe λ"',
    );
    const { observations, facts } = await runStep(step, { ...inputsFor(url), encryptionKey: KEY });
    expect(observations.filter(({ result }) => result === "failed")).toEqual([]);
    expect(facts).toMatchObject({ database: "größe λ", rowCount: 2 });
  });

  it("waits for a lock that a role is not to wait for, and reads for as long as it takes", async () => {
    const url = await databaseWith("create table t as select 1 as a", "backup_limited");
    for (const name of ["lock_timeout", "statement_timeout", "idle_session_timeout"])
      await withDatabase(admin, { application: "test", signal }, (client) =>
        client.query(`alter database backup_limited set ${name} = '300ms'`),
      );
    await withDatabase(url, { application: "test", signal }, async (other) => {
      await other.query("begin; lock table t");
      const reading = withDatabase(url, { application: "test", signal }, readContent);
      await pause(1_000);
      await other.query("rollback");
      expect(await reading).toMatchObject({ "public.t": { rows: 1 } });
    });
  });

  it("compares names of objects whatever schemas the database has in its path", async () => {
    const url = await databaseWith(
      `create schema app; create table app.orders (id int primary key);
       create table app.watched (relation regclass, type regtype);
       insert into app.watched values ('app.orders', 'app.orders')`,
      "backup_named",
    );
    await withDatabase(admin, { application: "test", signal }, (client) =>
      client.query("alter database backup_named set search_path = app, public"),
    );
    const { observations } = await runStep(step, inputsFor(url));
    expect(observations.filter(({ result }) => result === "failed")).toEqual([]);
  });

  it("restores into a copy with the order of texts that the database has", async () => {
    // Ranges of texts that are none where capital letters come before small ones.
    const url = await databaseWith(
      `create table names (name text) partition by range (name);
       create table names_a_to_c partition of names for values from ('a') to ('C');
       insert into names values ('B')`,
      "backup_ordered",
      "template template0 encoding 'UTF8' locale_provider icu icu_locale 'und' lc_collate 'C' lc_ctype 'C'",
    );
    const { observations } = await runStep(step, inputsFor(url));
    expect(observations.filter(({ result }) => result === "failed")).toEqual([]);
  });

  it("backs up an empty database and says that it is empty", async () => {
    const { seen } = await runStep(step, inputsFor(await databaseWith("select 1")));
    expect(seen("data-equal")).toMatchObject({
      result: "passed",
      observed: "no table: the database is empty",
    });
    expect(seen("sealed").result).toBe("notApplicable");
  });

  it("fails without an object left behind when the database cannot be dumped", async () => {
    const url = new URL(
      await databaseWith(
        "create role backup_reader login password 'reader-password'; create table t (a int)",
      ),
    );
    url.username = "backup_reader";
    url.password = "reader-password";
    const s3 = new S3Client({});
    const before = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    await expect(runStep(step, inputsFor(url.href))).rejects.toThrow(
      /pg_dump: exit 1, want 0; .*permission denied/,
    );
    const after = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(after.KeyCount).toBe(before.KeyCount);
    await databaseWith("drop role backup_reader", "backup_other").catch(() => undefined);
  });

  it("fails when the bucket's rule keeps backups for another time", async () => {
    const url = await databaseWith("create table t (a int)");
    const { seen } = await runStep(step, { ...inputsFor(url), retentionDays: 31 });
    expect(seen("retention")).toMatchObject({ result: "failed", observed: "expires after 30 days" });
  });

  it("fails when what is stored is not what was dumped", async () => {
    const url = await databaseWith(MIXED);
    const ran = await runStep(step, inputsFor(url));
    const s3 = new S3Client({});
    const key = String(ran.facts.key);
    const uploaded = { sizeBytes: 1, sha256: "00", compositeSha256: "AA==-1" };
    const stored = await judgeStored(
      s3,
      { bucket: BUCKET, key, uploaded, sealed: true, retentionDays: 30 },
      signal,
    );
    const failed = stored.filter(({ result }) => result === "failed").map(({ id }) => id);
    expect(failed).toEqual(["exists", "checksum", "sealed"]);
    const given = { ...inputsFor(url), bucket: BUCKET };
    const dumped = { archiveBytes: 1, sha256: "00" };
    const { observations } = await verifyLevels({ given, key, dumped, wanted: {}, s3 }, signal);
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "bytes-match failed",
      "listable passed",
      "restored passed",
      "data-equal failed",
      "restore-time passed",
    ]);
  });

  it("fails at the level where a damaged object stops being a backup, and reports no later level as good", async () => {
    const s3 = new S3Client({});
    const key = "backups/damaged";
    await s3.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: key,
        Body: zstdCompressSync(Buffer.from("PGDMP, but no archive")),
      }),
    );
    const drill = {
      given: inputsFor(admin),
      key,
      dumped: { archiveBytes: 1, sha256: "00" },
      wanted: {},
      s3,
    };
    const { observations } = await verifyLevels(drill, signal);
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "bytes-match failed",
      "listable failed",
      "restored inconclusive",
      "data-equal inconclusive",
      "restore-time inconclusive",
    ]);
    expect(observations[1]?.observed).toMatch(/^pg_restore: exit 1, want 0/);
  });

  it("restores a stored backup while it comes, and refuses one that was changed, leaving no database", async () => {
    const url = await databaseWith(
      `create table lines as select g as id, md5(g::text) || sha512(g::text::bytea)::text as text from generate_series(1, 40000) g;
       alter table lines add primary key (id)`,
    );
    const s3 = new S3Client({});
    const wanted = await withDatabase(url, { application: "test", signal }, readContent);
    const dumped = await dumpOf(url, "backups/arriving.sealed", KEY);
    const drill = { key: "backups/arriving.sealed", dumped, wanted, s3 };
    const given = { ...inputsFor(url), encryptionKey: KEY };
    const good = await verifyLevels({ ...drill, given }, signal);
    expect(good.observations.map(({ result }) => result)).toEqual(Array(5).fill("passed"));
    const object = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: drill.key }));
    const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? []);
    expect(bytes.length).toBeGreaterThan(2 * 1024 * 1024);
    // In the last chunk: everything before it has reached the scratch database by then.
    bytes.writeUInt8((bytes.at(-20) ?? 0) ^ 1, bytes.length - 20);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: drill.key, Body: bytes }));
    const bad = await verifyLevels({ ...drill, given, dumped: { ...dumped, versionId: undefined } }, signal);
    expect(bad.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "bytes-match failed",
      "listable inconclusive",
      "restored inconclusive",
      "data-equal inconclusive",
      "restore-time inconclusive",
    ]);
    expect(bad.observations[0]?.observed).toMatch(/chunk \d+ does not open/);
    expect(await scratchDatabasesLeft(admin)).toEqual([]);
  });

  it("is restored as it was stored, sealed or not, whether or not the stack seals its backups today", async () => {
    const url = await databaseWith("create table t as select 1 as a");
    const s3 = new S3Client({});
    const restored = (key: string, encryptionKey?: string) =>
      withScratchDatabase(admin, url, signal, async (database) => {
        const stored = { bucket: BUCKET, key, versionId: null, archiveBytes: 1, encryptionKey };
        await restoreBackup(s3, stored, admin, database, signal);
        return withDatabase(admin, { application: "test", signal, database }, readContent);
      });
    await dumpOf(url, "backups/before.dump.zst");
    expect(await restored("backups/before.dump.zst", KEY)).toHaveProperty(["public.t"]);
    await dumpOf(url, "backups/since.dump.zst.sealed", KEY);
    expect(await restored("backups/since.dump.zst.sealed", KEY)).toHaveProperty(["public.t"]);
    await expect(restored("backups/since.dump.zst.sealed")).rejects.toThrow(
      'backup "backups/since.dump.zst.sealed": sealed, and the stack has no key; set backup.sealed to true',
    );
  });

  it("is made anew for another database, and where it is sealed from now on, but not for another password", () => {
    const rerun = (change: Partial<BackupInputs>) => {
      const given = { ...inputsFor("postgresql://backup:one@db-1/orders"), ...change };
      return typeof step.rerun === "function" ? step.rerun(step.inputs().parse(given)) : undefined;
    };
    expect(rerun({ databaseUrl: "postgresql://backup:two@db-1/orders" })).toEqual(rerun({}));
    expect(rerun({ databaseUrl: "postgresql://backup:one@db-2/orders" })).not.toEqual(rerun({}));
    expect(rerun({ encryptionKey: KEY })).not.toEqual(rerun({}));
  });

  it("restores more objects than one transaction has room for", async () => {
    const url = await databaseWith(
      `do $$ begin for n in 1..1100 loop execute format('create table t%s (a int)', n); end loop; end $$;
       insert into t7 values (1)`,
    );
    const { observations, facts } = await runStep(step, inputsFor(url));
    expect(observations.filter(({ result }) => result === "failed")).toEqual([]);
    expect(facts).toMatchObject({ tableCount: 1100, rowCount: 1 });
  });

  it("takes no more of an archive than its table of contents needs, however large that is", async () => {
    const url = await databaseWith(
      `do $$ begin for n in 1..400 loop execute format('create table t%s (a int, b text)', n); end loop; end $$;
       create table big as select md5(g::text) from generate_series(1, 20000) g`,
    );
    const folder = await mkdtemp(join(tmpdir(), "greenlight-head-"));
    try {
      const whole = join(folder, "whole.dump");
      await runTool({
        program: "pg_dump",
        arguments: ["--format=custom", "--compress=0", `--file=${whole}`],
        databaseUrl: url,
        signal,
      });
      const path = join(folder, "head.dump");
      const pieces = createReadStream(whole, { highWaterMark: 4096 })[Symbol.asyncIterator]();
      const head = await takeHead(pieces, path, url, signal);
      await pieces.return?.();
      const entries = "entries" in head.contents ? head.contents.entries : [];
      expect(entries.filter((entry) => entry.includes(" TABLE DATA public "))).toHaveLength(401);
      const [taken, all] = await Promise.all([stat(path), stat(whole)]);
      expect(taken.size).toBeGreaterThan(64 * 1024);
      expect(taken.size).toBeLessThan(all.size);
      expect(head.end).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("fails when an archive cannot be restored, names the cause, and drops the scratch database", async () => {
    const url = await databaseWith("create table t (a int); insert into t values (1)");
    const ran = await runStep(step, inputsFor(url));
    const wanted = { "public.t": { rows: 1, digest: "0" }, "public.lost": { rows: 1, digest: "0" } };
    const given = { ...inputsFor(url), restoreUrl: url.replace("backup_source", "no_such_database") };
    const dumped = { archiveBytes: 1, sha256: String(ran.facts.sha256) };
    const drill = {
      given,
      key: String(ran.facts.key),
      dumped,
      wanted,
      s3: new S3Client({}),
    };
    const { observations } = await verifyLevels(drill, signal);
    expect(observations[1]).toMatchObject({ id: "listable", result: "failed" });
    expect(observations[2]).toMatchObject({ id: "restored", result: "failed" });
    expect(observations[2]?.observed).toContain("no_such_database");
  });

  it("judges restore time and size on both sides of their bounds", () => {
    expect(judgeRestoreTime(60, 60).result).toBe("passed");
    expect(judgeRestoreTime(60.001, 60).result).toBe("failed");
    expect(judgeSize(500, 0.5, 1000).size.result).toBe("passed");
    expect(judgeSize(499, 0.5, 1000).size.result).toBe("failed");
  });

  it("fails again when one that shrank suddenly is made once more, and takes the smaller size once it is allowed", async () => {
    const given = inputsFor(await databaseWith("create table t (a int)"));
    const shrunk = await runStep(step, given, { previous: { sizeBytes: 1e9 } });
    expect(shrunk.seen("size").result).toBe("failed");
    const again = await runStep(step, given, { previous: shrunk.facts });
    expect(again.seen("size")).toMatchObject({
      result: "failed",
      expected: "at least 500000000 bytes, 0.5 of the last backup's",
    });
    const allowed = await runStep(step, { ...given, minimumSizeRatio: 0 }, { previous: again.facts });
    expect(allowed.facts.trustedBytes).toBe(allowed.facts.sizeBytes);
  });

  it("fails when the object is encrypted with another key than the stack's", async () => {
    const url = await databaseWith("create table t (a int)");
    const { seen } = await runStep(step, { ...inputsFor(url), kmsKeyId: undefined, bucket: BUCKET });
    expect(seen("encrypted").result).toBe("failed");
  });

  it("sees one changed value, one missing row and a missing table between two databases", async () => {
    const url = await databaseWith(MIXED);
    const content = () => withDatabase(url, { application: "test", signal }, readContent);
    const before = await content();
    const change = (sql: string) =>
      withDatabase(url, { application: "test", signal }, (client) => client.query(sql));
    await change("update jobs set mood = 'bad' where id = 7");
    expect(compareContent(before, await content())).toEqual([
      expect.stringMatching(/^public\.jobs: digest -?\d+, want -?\d+$/),
    ]);
    await change("update jobs set mood = 'good' where id = 7");
    expect(compareContent(before, await content())).toEqual([]);
    await change('delete from jobs where id = 7; drop table "Odd name"; create table surplus (a int)');
    expect(compareContent(before, await content())).toEqual([
      "public.Odd name: missing, want 2 rows",
      "public.jobs: 1999 rows, want 2000",
      "public.surplus: 0 rows, want no such table",
    ]);
  });

  it("drops the scratch database also when the step is aborted in the middle of the restore", async () => {
    const step = new AbortController();
    let scratch = "";
    const drill = withScratchDatabase(admin, admin, step.signal, async (database) => {
      scratch = database;
      step.abort(new Error("deadline"));
      throw step.signal.reason;
    });
    await expect(drill).rejects.toThrow("deadline");
    const left = await withDatabase(admin, { application: "test", signal }, (client) =>
      client.query("select from pg_database where datname = $1", [scratch]),
    );
    expect(scratch).toMatch(/^greenlight_restore_\d+_[0-9a-f]{12}$/);
    expect(left.rowCount).toBe(0);
  });

  it("drops the scratch database also where the server takes its time for that", async () => {
    let scratch = "";
    let released: Promise<void> | undefined;
    await withScratchDatabase(admin, admin, signal, async (database) => {
      scratch = database;
      const busy = await connect(admin, { application: "test", signal });
      await busy.query(`begin; comment on database ${database} is 'held'`);
      released = pause(5_000)
        .then(() => busy.query("commit"))
        .then(() => busy.end());
    });
    await released;
    const left = await withDatabase(admin, { application: "test", signal }, (client) =>
      client.query("select from pg_database where datname = $1", [scratch]),
    );
    expect(left.rowCount).toBe(0);
  });

  it("removes the opened archive, and what a killed run left of one", async () => {
    const ended = spawnSync(process.execPath, ["-e", "0"]).pid;
    const left = join(tmpdir(), `greenlight-restore-${ended}-killed`);
    await mkdir(left, { recursive: true });
    await writeFile(join(left, "archive.dump"), "rows");
    await runStep(step, inputsFor(await databaseWith("create table t (a int)")));
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith("greenlight-restore-"));
    expect(folders.filter((name) => name.endsWith("-killed") || name.includes(`-${process.pid}-`))).toEqual(
      [],
    );
  });

  it("leaves no upload behind when the step is aborted in the middle of it", async () => {
    const url = await databaseWith(
      "create table t as select md5(g::text) from generate_series(1, 1500000) g",
    );
    await withDatabase(url, { application: "test", signal }, async (client) => {
      await client.query("begin isolation level repeatable read");
      const { rows } = await client.query("select pg_export_snapshot() as snapshot");
      const s3 = new S3Client({});
      const uploads = async () =>
        (await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];
      const step = new AbortController();
      const target = { bucket: BUCKET, key: "backups/aborted", metadata: {} };
      const dump = dumpToS3({ databaseUrl: url, snapshot: rows[0].snapshot, target }, step.signal);
      dump.catch(() => undefined);
      await expect.poll(uploads, { interval: 5 }).not.toEqual([]);
      step.abort(new Error("deadline"));
      await expect(dump).rejects.toThrow("deadline");
      expect(await uploads()).toEqual([]);
      const objects = await new S3Client({}).send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "backups/aborted" }),
      );
      expect(objects.KeyCount).toBe(0);
    });
  });

  it("leaves no password in the evidence", async () => {
    const ran = await runStep(step, inputsFor(await databaseWith("select 1")));
    const password = decodeURIComponent(new URL(admin).password);
    expect(password.length).toBeGreaterThan(5);
    expect(JSON.stringify(ran)).not.toContain(password);
  });

  it.each([
    [{ retentionDays: 1 }, { retentionDays: 0 }],
    [{ retentionDays: 3650 }, { retentionDays: 3651 }],
    [{ rtoSeconds: 1 }, { rtoSeconds: 0.9 }],
    [{ minimumSizeRatio: 1 }, { minimumSizeRatio: 1.01 }],
    [{ encryptionKey: "x".repeat(32) }, { encryptionKey: "x".repeat(31) }],
    [{ release: "1.0-rc.1" }, { release: "1.0/rc" }],
  ])("accepts %o and refuses %o", (good, bad) => {
    const base = inputsFor("postgresql://a:b@127.0.0.1/c");
    expect(inputFaults(step, { ...base, ...good })).toEqual([]);
    expect(inputFaults(step, { ...base, ...bad })).toHaveLength(1);
  });

  it.each([
    ["is disabled", [{ Status: "Disabled" as const, Expiration: { Days: 30 }, Filter: { Prefix: "" } }]],
    [
      "covers another folder",
      [{ Status: "Enabled" as const, Expiration: { Days: 30 }, Filter: { Prefix: "logs/" } }],
    ],
    [
      "is undercut by an earlier one",
      [
        { Status: "Enabled" as const, Expiration: { Days: 30 }, Filter: { Prefix: "" } },
        { Status: "Enabled" as const, Expiration: { Days: 7 }, Filter: { Prefix: "backups/" } },
      ],
    ],
  ])("fails when the lifecycle rule %s", (_why, rules) => {
    expect(judgeRetention(rules, "backups/a", 30).result).toBe("failed");
  });
});
