import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { adminUrl, newDatabase, query } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";

const versions = async (url: string) =>
  (await query(url, "select version from greenlight_migrations order by version")).flat();

describe("a directory of migrations", () => {
  it.each([
    [{ "create.sql": "" }, "create.sql: want NNNN_name.sql, NNNN_name.down.sql or R_name.sql; rename it"],
    [
      { "1_x.sql": "", "2_y.SQL": "" },
      "2_y.SQL: want NNNN_name.sql, NNNN_name.down.sql or R_name.sql; rename it",
    ],
    [{ "1_a.sql": "", "01_b.sql": "" }, "1_a.sql: version 1 is also 01_b.sql; give one of them a new number"],
    [{ "1_a.down.sql": "" }, "1_a.down.sql: no up file has its version; add the up file or remove this one"],
    [
      { "1_a.sql": "", "1_b.down.sql": "" },
      "1_b.down.sql: the up file of this version is 1_a.sql; give both the same name",
    ],
    [{ "1_a.sql": new Uint8Array([0xc3, 0x28]) }, "1_a.sql: not UTF-8; save it as UTF-8"],
    [{ "1_a.sql": "select 1;\0" }, "1_a.sql: holds a NUL byte, which PostgreSQL cannot take; remove it"],
  ])("refuses %j", (files, message) => {
    expect(() => readMigrations(directoryOf(files))).toThrow(message);
  });

  it("shows all of its faults at once", () => {
    expect(() => readMigrations(directoryOf({ "a.sql": "", "b.sql": "" }))).toThrow(/^a\.sql: .*; b\.sql: /);
  });

  it("says so when it is not there", () => {
    expect(() => readMigrations("no/such/place")).toThrow(
      'directory "no/such/place" does not exist, want a directory of .sql files; correct the path',
    );
  });

  it("ignores what is no SQL and a byte order mark, and orders by number", () => {
    const set = readMigrations(
      directoryOf({ "README.md": "x", "10_b.sql": "\ufeffselect 1", "9_a.sql": "", "R_z.sql": "" }),
    );
    expect(set.migrations.map(({ version, sql }) => [version, sql])).toEqual([
      ["9", ""],
      ["10", "select 1"],
      ["R_z", ""],
    ]);
  });
});

describe("migrateUp refuses to run anything when", () => {
  it("an applied file was edited, and names file, both hashes and the way out", async () => {
    const url = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "create table a ()" });
    await up(url, directory);
    writeFileSync(join(directory, "1_a.sql"), "create table a (id int)");
    writeFileSync(join(directory, "2_b.sql"), "create table b ()");
    const [edited] = readMigrations(directory).migrations;
    await expect(up(url, directory)).rejects.toThrow(
      new RegExp(
        `^nothing was run: 1_a\\.sql: edited after it was applied at \\S+Z: sha256 is ${edited?.sha256}, applied was [0-9a-f]{64}; restore the file from version control and put the change into a new file$`,
      ),
    );
    expect(await versions(url)).toEqual(["1"]);
  });

  it("only the line endings of an applied file changed, and says that it is only these", async () => {
    const url = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "create table a ();\n" });
    await up(url, directory);
    writeFileSync(join(directory, "1_a.sql"), "create table a ();\r\n");
    await expect(up(url, directory)).rejects.toThrow(/1_a\.sql: .*only its line endings differ/);
  });

  it("an applied file is missing", async () => {
    const url = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "create table a ()", "2_b.sql": "" });
    await up(url, directory);
    rmSync(join(directory, "1_a.sql"));
    await expect(up(url, directory)).rejects.toThrow(
      /1_a\.sql: applied at \S+ \(sha256 [0-9a-f]{64}\) and not in the directory; restore/,
    );
  });

  it("a number is left out, unless gaps are allowed or the numbers are dates", async () => {
    const url = await newDatabase();
    const directory = directoryOf({ "0001_a.sql": "", "0004_b.sql": "" });
    await expect(up(url, directory)).rejects.toThrow(
      "nothing was run: 0002 to 0003 are missing between 0001_a.sql and 0004_b.sql; add the file, renumber, or set gaps to allow",
    );
    expect((await up(url, directory, { gaps: "allow" })).applied).toHaveLength(2);
    const dates = directoryOf({ "20260101_a.sql": "", "20260105_b.sql": "" });
    expect((await up(await newDatabase(), dates)).applied).toHaveLength(2);
  });

  it("a file comes before one that is applied, unless that is allowed", async () => {
    const url = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "", "3_c.sql": "" });
    await up(url, directory, { gaps: "allow" });
    writeFileSync(join(directory, "2_b.sql"), "create table b ()");
    await expect(up(url, directory)).rejects.toThrow(
      "nothing was run: 2_b.sql: comes before 3, which is applied; give it a higher number, or set outOfOrder to allow",
    );
    expect((await up(url, directory, { outOfOrder: "allow" })).applied.map(({ version }) => version)).toEqual(
      ["2"],
    );
  });

  it("the history table is another tool's", async () => {
    const url = await newDatabase();
    await query(url, "create table schema_migrations (version text)");
    const place = { schema: "public", table: "schema_migrations" };
    await expect(up(url, directoryOf({ "1_a.sql": "" }), { place })).rejects.toThrow(
      "belongs to another tool: choose another historyTable",
    );
  });

  it("the role may not create the history table", async () => {
    const url = new URL(await newDatabase());
    const role = `checks_nobody_${process.pid}`;
    await query(url.href, `create role ${role} login password 'nobody-password'`);
    url.username = role;
    url.password = "nobody-password";
    await expect(up(url.href, directoryOf({ "1_a.sql": "" }))).rejects.toThrow(
      "history table public.greenlight_migrations cannot be created: permission denied for schema public; grant the role CREATE there or choose another schema",
    );
    await query(await adminUrl(), `drop role ${role}`);
  });

  it.each([
    ["select 1;\nbegin;", '2_b.sql:2:1: "begin" in a file that runs in a transaction of its own; remove it'],
    ["commit", '2_b.sql:1:1: "commit" in a file'],
    ["start transaction; select 1; end", '2_b.sql:1:1: "start transaction"'],
    [
      "select 1;\n  \\d users\n",
      "2_b.sql:2:3: \\d is a command of psql, not SQL; write what it does in SQL or remove it",
    ],
    ["select 1 \\gexec", "2_b.sql:1:10: \\gexec is a command of psql"],
    [
      "create table x (a int);\ncopy x (a) from stdin;\n1\n\\.\n",
      "2_b.sql:3:1: data of COPY FROM STDIN can only be read by psql; use INSERT",
    ],
    ["copy pg_class to stdout", "2_b.sql:1:1: COPY through the client's own stream"],
    [
      "-- greenlight: no-transactions",
      '2_b.sql:1:1: directive "-- greenlight: no-transactions" is not understood',
    ],
    [
      "-- greenlight: allow drop-table",
      "is not understood, want no-transaction, statement-timeout-seconds N or allow RULE REASON",
    ],
    ["select 1;\n-- verify\n", "2_b.sql:2:1: verify block without a statement"],
    [
      "-- verify\nselect * from pg_class",
      '2_b.sql:2:1: verify: "*" hides how many columns are judged; name them',
    ],
    ["-- verify\nselect (f()).*", '2_b.sql:2:1: verify: "*" hides how many columns are judged; name them'],
    [
      "-- verify\nwith x as (delete from a returning 1) select true from x",
      "2_b.sql:2:1: verify: a SELECT that also writes cannot be judged",
    ],
  ])("a file holds %j", async (sql, message) => {
    const url = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "create table a ()", "2_b.sql": sql });
    await expect(up(url, directory)).rejects.toThrow(message);
    expect(await versions(url)).toEqual([]);
    expect(await query(url, "select to_regclass('a') is null")).toEqual([[true]]);
  });

  it("the baseline is no file's version", async () => {
    await expect(up(await newDatabase(), directoryOf({ "1_a.sql": "" }), { baseline: "2" })).rejects.toThrow(
      "baseline is 2, and no file has that version; name the version the database is at",
    );
  });
});

describe("migrateUp", () => {
  it("does not mistake text in strings, bodies and comments for directives, commands or transaction control", async () => {
    const url = await newDatabase();
    const sql = `select '
-- verify
-- greenlight: nonsense
\\d';
/* begin; */
create function f() returns void language plpgsql as $$
begin
  -- verify
  perform 1;
end $$;
create function g() returns int language sql begin atomic select 1; end;
savepoint s; release savepoint s`;
    expect((await up(url, directoryOf({ "1_a.sql": sql }))).failure).toBeUndefined();
    expect(await query(url, "select count(*)::int from pg_proc where proname in ('f', 'g')")).toEqual([[2]]);
  });

  it.each([
    "",
    "\n",
    "-- only a comment",
    "/* x */ -- y",
    ";;",
  ])("records a file that holds only %j", async (sql) => {
    const url = await newDatabase();
    expect((await up(url, directoryOf({ "1_a.sql": sql }))).failure).toBeUndefined();
    expect(await versions(url)).toEqual(["1"]);
  });

  it("stops at a syntax error in its turn, with the words of the server", async () => {
    const url = await newDatabase();
    const result = await up(
      url,
      directoryOf({ "1_a.sql": "select 1", "2_b.sql": "select 'ñ🦙';\n  selec 2" }),
    );
    expect(result.failure?.message).toBe('2_b.sql:2:3: syntax error at or near "selec" (SQLSTATE 42601)');
    expect(await versions(url)).toEqual(["1"]);
  });

  it.each([
    "select 'open",
    "do $$ begin",
    'select "a',
    "/* open",
  ])("refuses the unfinished text %j without running what follows it", async (sql) => {
    const url = await newDatabase();
    expect((await up(url, directoryOf({ "1_a.sql": sql }))).failure?.message).toContain("SQLSTATE 42601");
    expect(await versions(url)).toEqual([]);
  });

  it("keeps a file's settings from the files behind it", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_a.sql":
        "create schema other; set search_path = other; set role pg_monitor; set statement_timeout = '29s'; create table pg_temp.x ()",
      "2_b.sql":
        "create table b as select current_user as who, current_setting('search_path') as path, current_setting('statement_timeout') as limited",
    });
    expect((await up(url, directory)).failure).toBeUndefined();
    expect(await query(url, "table public.b")).toEqual([["greenlight", '"$user", public', "30s"]]);
  });

  it("applies a repeatable file again when it changed, and only then", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_a.sql": "",
      "R_v.sql": "create or replace view v as select 1 as one",
    });
    await up(url, directory);
    writeFileSync(join(directory, "R_v.sql"), "create or replace view v as select 1 as one, 2 as two");
    expect((await up(url, directory)).applied.map(({ path }) => path)).toEqual(["R_v.sql"]);
    expect(await query(url, "table v")).toEqual([[1, 2]]);
    expect((await up(url, directory)).applied).toEqual([]);
  });

  it("adopts an existing database at its baseline and runs what comes after", async () => {
    const url = await newDatabase();
    await query(url, "create table a ()");
    const files = {
      "1_a.sql": "create table a ()",
      "2_b.sql": "create table b ()",
      "3_c.sql": "create table c ()",
    };
    const directory = directoryOf(files);
    const result = await up(url, directory, { baseline: "1" });
    expect(result).toMatchObject({ before: "1", after: "3", adopted: ["1"], failure: undefined });
    expect(await query(url, "select version, kind from greenlight_migrations order by 1")).toEqual([
      ["1", "baseline"],
      ["2", "versioned"],
      ["3", "versioned"],
    ]);
    expect((await up(url, directory, { baseline: "1" })).applied).toEqual([]);
  });

  it("runs every file of an empty database, also with a baseline", async () => {
    const url = await newDatabase();
    const result = await up(url, directoryOf({ "1_a.sql": "create table a ()" }), { baseline: "1" });
    expect(result.applied).toHaveLength(1);
  });

  it("keeps its history where it is told, in a schema it creates", async () => {
    const url = await newDatabase();
    await up(url, directoryOf({ "1_a.sql": "" }), {
      place: { schema: 'odd "schema"', table: "schema_migrations" },
    });
    expect(await query(url, 'select version from "odd ""schema""".schema_migrations')).toEqual([["1"]]);
  });

  it("stops a statement at its limit, and a file may set its own", async () => {
    const url = await newDatabase();
    const slow = "select pg_sleep(0.5)";
    const stopped = await up(url, directoryOf({ "1_a.sql": slow }), { statementTimeoutSeconds: 0.1 });
    expect(stopped.failure?.message).toBe(
      '1_a.sql:1:1: canceling statement due to statement timeout (SQLSTATE 57014) in "select pg_sleep(0.5)"',
    );
    const directory = directoryOf({ "1_a.sql": `-- greenlight: statement-timeout-seconds 10\n${slow}` });
    expect((await up(url, directory, { statementTimeoutSeconds: 0.1 })).failure).toBeUndefined();
  });

  it.each([
    "'hunter2-hunter2'",
    "$$hunter2-hunter2$$",
    "$x$hunter2-'hunter2'$x$",
  ])("does not show a password that stands in a failing statement as %s", async (text) => {
    const url = await newDatabase();
    const result = await up(url, directoryOf({ "1_a.sql": `alter role nobody_here password ${text}` }));
    expect(result.failure?.message).toContain("nobody_here");
    expect(result.failure?.message).not.toContain("hunter2");
  });
});
