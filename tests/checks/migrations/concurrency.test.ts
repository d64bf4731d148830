import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { newDatabase, query, session } from "../support/database.ts";
import { directoryOf, up, upOptions } from "../support/migrations.ts";
import { proxyBefore } from "../support/proxy.ts";

// pg_locks shows those of other databases too.
const LOCK = `select pid from pg_locks where locktype = 'advisory' and classid = 1735552116
  and database = (select oid from pg_database where datname = current_database())`;

describe("migrateUp with others at work", () => {
  it("applies every file once when ten run at once", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_a.sql": "create table a (n int)",
      "2_b.sql": "insert into a values (1)",
      "3_c.sql": "insert into a values (2)",
    });
    const results = await Promise.all(Array.from({ length: 10 }, () => up(url, directory)));
    expect(results.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
    expect(results.every(({ after, failure }) => after === "3" && !failure)).toBe(true);
    expect(await query(url, "select n from a order by 1")).toEqual([[1], [2]]);
  });

  it("names who holds the lock when it does not get it in time", async () => {
    const url = await newDatabase();
    const blocker = await session(url);
    await blocker.query("create table a ()");
    await blocker.query("begin; lock table a");
    const directory = directoryOf({ "1_a.sql": "alter table a add column n int" });
    const first = up(url, directory, { lockTimeoutSeconds: 30 });
    await expect.poll(() => query(url, LOCK), { timeout: 10_000 }).toHaveLength(1);
    const [[pid]] = (await query(url, LOCK)) as [[number]];
    const lines: string[] = [];
    await expect(up(url, directory, { lockWaitSeconds: 0, log: (line) => lines.push(line) })).rejects.toThrow(
      new RegExp(
        `^lock held by pid ${pid} \\("greenlight/migration", user greenlight, connected since \\S+Z\\), want it free within 0 s; wait for that run or end it$`,
      ),
    );
    await blocker.query("commit");
    expect((await first).failure).toBeUndefined();
  });

  it("lets the application pass a locked table and tries again until the lock is free", async () => {
    const url = await newDatabase();
    const blocker = await session(url);
    await blocker.query("create table a (n int)");
    await blocker.query("begin; lock table a in access share mode");
    const directory = directoryOf({
      "1_a.sql": "create table made_before (); alter table a add column m int",
    });
    const lines: string[] = [];
    const running = up(url, directory, { lockTimeoutSeconds: 0.1, log: (line) => lines.push(line) });
    await expect.poll(() => lines.length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(lines[0]).toMatch(/^1_a\.sql: table is locked: pid \d+ .*; tries again in \d\.\d s$/);
    await blocker.query("commit");
    expect((await running).failure).toBeUndefined();
  });

  it("gives up on a locked table at its deadline, names the statement and keeps nothing of the file", async () => {
    const url = await newDatabase();
    const blocker = await session(url);
    await blocker.query("create table a (n int)");
    await blocker.query("begin; lock table a in access share mode");
    const directory = directoryOf({
      "1_a.sql": "create table made_before ();\nalter table a add column m int",
    });
    const result = await up(url, directory, { lockTimeoutSeconds: 0.1, lockWaitSeconds: 0 });
    expect(result.failure?.message).toMatch(
      /^1_a\.sql:2:1: canceling statement due to lock timeout \(SQLSTATE 55P03\) in "alter table a add column m int"; pid \d+ \("greenlight\/test", idle in transaction since \S+Z\) holds AccessShareLock on a$/,
    );
    expect(await query(url, "select to_regclass('made_before') is null")).toEqual([[true]]);
  });

  it("cancels what runs on the server when it is aborted", async () => {
    const url = await newDatabase();
    const abort = new AbortController();
    const running = up(
      url,
      directoryOf({ "1_a.sql": "create table a (); select pg_sleep(600)", "2_b.sql": "" }),
      {
        signal: abort.signal,
        statementTimeoutSeconds: 0,
      },
    );
    const sleeping =
      "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    await expect.poll(() => query(url, sleeping), { timeout: 10_000 }).toHaveLength(1);
    abort.abort(new Error("deadline"));
    const result = await running;
    expect(result.failure?.sqlState).toBe("57014");
    expect(result.applied).toEqual([]);
    expect(await query(url, sleeping)).toEqual([]);
    expect(await query(url, LOCK)).toEqual([]);
  });

  it("leaves nothing of a file whose runner is killed, not even a lock, and the next run finishes", async () => {
    const url = await newDatabase();
    const sleep =
      "select pg_sleep(case when current_setting('greenlight.test', true) is null then 600 else 0 end)";
    const directory = directoryOf({
      "1_a.sql": "create table a ()",
      "2_b.sql": `create table b ();\n${sleep};\ninsert into b default values`,
    });
    const { signal: _signal, log: _log, ...options } = upOptions({ statementTimeoutSeconds: 0 });
    const program = `
      import { withDatabase } from "./checks/database.ts";
      import { readMigrations } from "./checks/migrations/directory.ts";
      import { migrateUp } from "./checks/migrations/up.ts";
      const signal = new AbortController().signal;
      const options = { ...JSON.parse(process.argv[2]), signal, log() {} };
      await withDatabase(process.env.TEST_URL, { application: "killed", signal }, (client) =>
        migrateUp(client, readMigrations(process.argv[1]), options));`;
    const child = spawn(
      process.execPath,
      ["--input-type=module", "--eval", program, directory, JSON.stringify(options)],
      {
        env: { ...process.env, TEST_URL: url },
        stdio: "ignore",
      },
    );
    const exited = once(child, "exit");
    const sleeping =
      "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    await expect.poll(() => query(url, sleeping), { timeout: 20_000 }).toHaveLength(1);
    child.kill("SIGKILL");
    await exited;
    // The server notices the dead client by itself, in spite of the statement that runs.
    await expect.poll(() => query(url, sleeping), { timeout: 20_000, interval: 200 }).toEqual([]);
    await expect.poll(() => query(url, LOCK), { timeout: 10_000 }).toEqual([]);
    expect(await query(url, "select version from greenlight_migrations")).toEqual([["1"]]);
    expect(await query(url, "select to_regclass('b') is null")).toEqual([[true]]);
    await query(
      url,
      `do $$ begin execute format('alter database %I set greenlight.test = on', current_database()); end $$`,
    );
    const result = await up(url, directory);
    expect(result.failure).toBeUndefined();
    expect(result.applied.map(({ version }) => version)).toEqual(["2"]);
  });

  it("says that the connection was lost when the server ends it", async () => {
    const url = await newDatabase();
    const running = up(url, directoryOf({ "1_a.sql": "create table a (); select pg_sleep(600)" }), {
      statementTimeoutSeconds: 0,
    });
    const end =
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    const settled = running.catch((error: Error) => error.message);
    await expect.poll(() => query(url, end), { timeout: 10_000 }).toHaveLength(1);
    expect(await settled).toMatch(
      /^1_a\.sql:1:20: terminating connection due to administrator command \(SQLSTATE 57P01\)/,
    );
  });

  it("says that the file's fate is in the history when the network is cut, and goes on from there", async () => {
    const direct = await newDatabase();
    const { url, cut } = await proxyBefore(direct);
    const sleep = "select pg_sleep(case when to_regclass('go_on') is null then 600 else 0 end)";
    const directory = directoryOf({
      "1_a.sql": "create table a ()",
      "2_b.sql": `create table b (); ${sleep}`,
    });
    const running = up(url, directory, { statementTimeoutSeconds: 0 }).catch((error: Error) => error.message);
    const sleeping =
      "select 1 from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";
    await expect.poll(() => query(direct, sleeping), { timeout: 10_000 }).toHaveLength(1);
    cut();
    expect(await running).toMatch(
      /^2_b\.sql: .*; the connection was lost before the server answered: whether the file was committed is in the history, and the next up goes on from there$/,
    );
    await query(direct, "create table go_on ()");
    expect((await up(direct, directory)).applied.map(({ version }) => version)).toEqual(["2"]);
  });
});
