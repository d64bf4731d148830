import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { newDatabase, query, session } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";

const HEAD = "-- greenlight: no-transaction\n";
const history = (url: string) =>
  query(url, "select version, kind, statements from greenlight_migrations order by version");
const validity = (url: string) =>
  query(
    url,
    "select indexrelid::regclass::text, indisvalid from pg_index where indrelid = 't'::regclass order by 1",
  );

async function tableWithDoubles(): Promise<string> {
  const url = await newDatabase();
  await query(url, "create table t as select 1 as id from generate_series(1, 2)");
  return url;
}

describe("a no-transaction file", () => {
  it("builds an index concurrently and is recorded like every other file", async () => {
    const url = await tableWithDoubles();
    const result = await up(
      url,
      directoryOf({
        "1_i.sql": `${HEAD}create index concurrently i on t (id);\nanalyze t;\n-- verify\nselect true;`,
      }),
    );
    expect(result.failure).toBeUndefined();
    expect(await validity(url)).toEqual([["i", true]]);
    expect(await history(url)).toEqual([["1", "versioned", null]]);
  });

  it("keeps other runs out also behind DISCARD ALL, which forgets all else that the session had", async () => {
    const url = await newDatabase();
    const locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()";
    const sql = `${HEAD}set search_path = nowhere;\ncreate temporary table t (a int);\ndiscard all;
      create table held as ${locks};
      create table left_over as select current_setting('search_path') as path, to_regclass('t') is null as gone;`;
    expect((await up(url, directoryOf({ "1_i.sql": sql }))).failure).toBeUndefined();
    expect(await query(url, "select * from held")).toEqual([["1"]]);
    expect(await query(url, "select * from left_over")).toEqual([['"$user", public', true]]);
  });

  it("drops the INVALID index that a failed build leaves, says why it failed, and goes on there", async () => {
    const url = await tableWithDoubles();
    const sql = `${HEAD}create index concurrently a on t (id);\ncreate unique index concurrently b on t (id);`;
    const directory = directoryOf({ "1_i.sql": sql });
    const result = await up(url, directory);
    expect(result.failure?.message).toBe(
      '1_i.sql:3:1: could not create unique index "b" (SQLSTATE 23505) in "create unique index concurrently b on t (id)"; detail: Key (id)=(1) is duplicated.',
    );
    expect(await validity(url)).toEqual([["a", true]]);
    expect(await history(url)).toEqual([["1", "partial", 1]]);
    await query(url, "update t set id = 2 where ctid = '(0,1)'");
    const lines: string[] = [];
    expect((await up(url, directory, { log: (line) => lines.push(line) })).failure).toBeUndefined();
    expect(lines[0]).toBe("1_i.sql: goes on at statement 2 of 2");
    expect(await validity(url)).toEqual([
      ["a", true],
      ["b", true],
    ]);
    expect(await history(url)).toEqual([["1", "versioned", null]]);
  });

  it("rebuilds an INVALID index that a killed run left behind", async () => {
    const url = await tableWithDoubles();
    await expect(query(url, "create unique index concurrently i on t (id)")).rejects.toThrow(
      "could not create",
    );
    expect(await validity(url)).toEqual([["i", false]]);
    await query(url, "delete from t where ctid = '(0,1)'");
    const lines: string[] = [];
    const directory = directoryOf({ "1_i.sql": `${HEAD}create unique index concurrently i on t (id);` });
    expect((await up(url, directory, { log: (line) => lines.push(line) })).failure).toBeUndefined();
    expect(lines[0]).toBe("index i is INVALID, left by an interrupted run; drops and rebuilds it");
    expect(await validity(url)).toEqual([["i", true]]);
  });

  it("takes an index as done that was built right before the run was killed", async () => {
    const url = await tableWithDoubles();
    const directory = directoryOf({
      "1_i.sql": `${HEAD}create index concurrently i on t (id);\nselect 1 / 0;`,
    });
    await up(url, directory);
    await query(url, "update greenlight_migrations set statements = 0, sha256 = encode(sha256(''), 'hex')");
    await query(url, "drop index i");
    await query(url, "create index concurrently i on t (id)");
    expect((await up(url, directory)).failure?.message).toContain("1_i.sql:3:1: division by zero");
    expect(await validity(url)).toEqual([["i", true]]);
  });

  it("leaves alone a valid index of that name that somebody else made", async () => {
    const url = await tableWithDoubles();
    await query(url, "create index i on t (id)");
    const directory = directoryOf({
      "1_i.sql": `${HEAD}select 1;\ncreate index concurrently i on t (id);`,
    });
    // Tried again it is no more this file's than it was before.
    for (const _ of ["first", "second"]) {
      const result = await up(url, directory);
      expect(result.failure?.message).toContain('relation "i" already exists (SQLSTATE 42P07)');
      expect(await history(url)).toEqual([["1", "partial", 1]]);
    }
    expect(await validity(url)).toEqual([["i", true]]);
  });

  it("accepts corrections behind the statements that are done and refuses others", async () => {
    const url = await tableWithDoubles();
    const directory = directoryOf({
      "1_i.sql": `${HEAD}create index concurrently i on t (id);\nselect 1 / 0;`,
    });
    await up(url, directory);
    writeFileSync(join(directory, "1_i.sql"), `${HEAD}create index concurrently other on t (id);\nselect 1;`);
    expect((await up(url, directory)).failure?.message).toBe(
      "1_i.sql: statements 1 to 1 are applied and were edited since; restore them, only what follows may change",
    );
    writeFileSync(join(directory, "1_i.sql"), `${HEAD}create index concurrently i on t (id);\nselect 1;`);
    expect((await up(url, directory)).failure).toBeUndefined();
    expect(await history(url)).toEqual([["1", "versioned", null]]);
  });

  it("keeps what it set for its session when it goes on, within a run and in the next", async () => {
    const url = await newDatabase();
    await query(url, "create schema app; create table app.orders (id int); create table orders (id int)");
    const schemaOf = (column: string) =>
      query(url, `select table_schema from information_schema.columns where column_name = '${column}'`);
    const directory = directoryOf({
      "1_x.sql": `${HEAD}set search_path = app;\nalter table orders add column note text;\nselect 1 / 0;`,
    });
    const other = await session(url);
    await other.query("begin; lock table app.orders in access exclusive mode");
    const lines: string[] = [];
    const running = up(url, directory, { lockTimeoutSeconds: 0.1, log: (line) => lines.push(line) });
    await expect.poll(() => lines.join(), { timeout: 10_000 }).toContain("tries again");
    await other.query("commit");
    expect((await running).failure?.message).toContain("1_x.sql:4:1: division by zero");
    expect(await schemaOf("note")).toEqual([["app"]]);
    expect(await history(url)).toEqual([["1", "partial", 2]]);

    writeFileSync(
      join(directory, "1_x.sql"),
      `${HEAD}set search_path = app;\nalter table orders add column note text;\nalter table orders add column more text;`,
    );
    expect((await up(url, directory)).failure).toBeUndefined();
    expect(await schemaOf("more")).toEqual([["app"]]);
  });

  it("records its progress with the rights of the session's own role, and goes on with the file's", async () => {
    const url = await newDatabase();
    const role = `checks_app_${process.pid}`;
    await query(url, `create role ${role}; create schema app authorization ${role}`);
    onTestFinished(async () => {
      await query(url, `drop owned by ${role}; drop role ${role}`);
    });
    const begun = `${HEAD}set role ${role};\ncreate table app.a (id int);\n`;
    const directory = directoryOf({ "1_x.sql": `${begun}select 1 / 0;` });
    expect((await up(url, directory)).failure?.message).toContain("1_x.sql:4:1: division by zero");
    expect(await history(url)).toEqual([["1", "partial", 2]]);
    writeFileSync(join(directory, "1_x.sql"), `${begun}create table app.b (id int);`);
    expect((await up(url, directory)).failure).toBeUndefined();
    expect(await history(url)).toEqual([["1", "versioned", null]]);
    expect(await query(url, "select tablename, tableowner from pg_tables where schemaname = 'app'")).toEqual([
      ["a", role],
      ["b", role],
    ]);
  });

  it("goes on at its statement when it was renumbered from 001 to 0001", async () => {
    const url = await newDatabase();
    const sql = `${HEAD}create table a (id int);\n`;
    await up(url, directoryOf({ "001_x.sql": `${sql}select 1 / 0;` }));
    expect(await history(url)).toEqual([["001", "partial", 1]]);
    const result = await up(url, directoryOf({ "0001_x.sql": `${sql}create table b (id int);` }));
    expect(result.failure?.message).toBeUndefined();
    expect(await history(url)).toEqual([["001", "versioned", null]]);
  });

  it("may not hold a transaction of its own, and is not advised to be what it is", async () => {
    const url = await newDatabase();
    await expect(up(url, directoryOf({ "1_x.sql": `${HEAD}begin;\nselect 1;` }))).rejects.toThrow(
      '1_x.sql:2:1: "begin" in a no-transaction file; remove it: each statement commits by itself',
    );
  });

  it("is not complete until its verify block is true", async () => {
    const url = await tableWithDoubles();
    const directory = directoryOf({
      "1_i.sql": `${HEAD}create index concurrently i on t (id);\n-- verify\nselect count(*) = 3 from t;`,
    });
    expect((await up(url, directory)).failure?.message).toContain(
      "1_i.sql:4:1: verify: not true: got false, want true",
    );
    expect(await history(url)).toEqual([["1", "partial", 1]]);
    await query(url, "insert into t values (7)");
    expect((await up(url, directory)).failure).toBeUndefined();
  });

  it("waits for older transactions without a lock timeout, since giving up would leave an INVALID index", async () => {
    const url = await tableWithDoubles();
    const other = await session(url);
    await other.query("begin");
    await other.query("insert into t values (3)");
    const running = up(url, directoryOf({ "1_i.sql": `${HEAD}create index concurrently i on t (id);` }), {
      lockTimeoutSeconds: 0.1,
    });
    await expect
      .poll(
        () =>
          query(
            url,
            "select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'greenlight/migration' and clock_timestamp() - query_start > '300 ms'",
          ),
        { timeout: 10_000 },
      )
      .toEqual([[1]]);
    await other.query("commit");
    expect((await running).failure).toBeUndefined();
    expect(await validity(url)).toEqual([["i", true]]);
  });
});
