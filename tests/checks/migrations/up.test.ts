import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { newDatabase, query } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";

const versions = (url: string) =>
  query(url, "select version, kind from greenlight_migrations order by version");

describe("migrateUp", () => {
  it("applies files in order and records each with its hash", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "0002_fill.sql": "insert into a values (1), (2)",
      "0001_make.sql": "create table a (id int primary key);\n-- verify\nselect count(*) = 0 from a",
    });
    const result = await up(url, directory);
    expect(result.failure).toBeUndefined();
    expect(result.applied.map((file) => file.path)).toEqual(["0001_make.sql", "0002_fill.sql"]);
    expect(result).toMatchObject({ before: undefined, after: "0002" });
    expect(await query(url, "select id from a order by 1")).toEqual([[1], [2]]);
    const rows = await query(
      url,
      "select version, name, kind, length(sha256), applied_by, release, duration_ms >= 0 from greenlight_migrations order by 1",
    );
    expect(rows).toEqual([
      ["0001", "make", "versioned", 64, "greenlight", "test", true],
      ["0002", "fill", "versioned", 64, "greenlight", "test", true],
    ]);
  });

  it("goes by its own limits, whatever the role or the database has for the application", async () => {
    const url = await newDatabase();
    const names = await query(
      url,
      "select name from pg_settings where name in ('transaction_timeout', 'idle_session_timeout')",
    );
    const database = new URL(url).pathname.slice(1);
    for (const [name] of names) await query(url, `alter database ${database} set ${name} = '2s'`);
    const limits = `select ${names.map(([name]) => `current_setting('${name}')`).join(" || ")} as seen`;
    const directory = directoryOf({
      "0001_whole.sql": `create table whole as ${limits}; select pg_sleep(1.2); select pg_sleep(1.2)`,
      "0002_steps.sql": `-- greenlight: no-transaction\ncreate table steps as ${limits}`,
    });
    expect((await up(url, directory)).failure).toBeUndefined();
    const none = "0".repeat(names.length);
    expect(await query(url, "select * from whole union all select * from steps")).toEqual([[none], [none]]);
  });

  it("changes nothing when it runs twice", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "0001_make.sql": "create table a (id int)",
      "R_view.sql": "create or replace view v as select 1 as one",
    });
    await up(url, directory);
    const before = await query(url, "select xmin::text, h.* from greenlight_migrations h order by 1");
    const again = await up(url, directory);
    expect(again.applied).toEqual([]);
    expect(await query(url, "select xmin::text, h.* from greenlight_migrations h order by 1")).toEqual(
      before,
    );
  });

  it("stops at a failing file, names the place, and goes on there when it is corrected", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "0001_make.sql": "create table a (id int);",
      "0002_broken.sql":
        "create table b (id int);\n\n-- ñandú 🦙\nalter table a\n  add column x missing_type;",
      "0003_more.sql": "create table c (id int);",
    });
    const result = await up(url, directory);
    expect(result.failure?.message).toBe(
      '0002_broken.sql:5:16: type "missing_type" does not exist (SQLSTATE 42704) in "alter table a add column x missing_type"',
    );
    expect(await versions(url)).toEqual([["0001", "versioned"]]);
    expect(await query(url, "select to_regclass('b') is null")).toEqual([[true]]);
    writeFileSync(
      join(directory, "0002_broken.sql"),
      "create table b (id int); alter table a add column x int;",
    );
    const resumed = await up(url, directory);
    expect(resumed.applied.map((file) => file.version)).toEqual(["0002", "0003"]);
  });

  it("names the statement of an error that has no position", async () => {
    const url = await newDatabase();
    const result = await up(
      url,
      directoryOf({
        "1_divide.sql": "create table a (id int);\n\n  select 1 / (select count(*) from a);\nselect 2;",
      }),
    );
    expect(result.failure?.message).toBe(
      '1_divide.sql:3:3: division by zero (SQLSTATE 22012) in "select 1 / (select count(*) from a)"',
    );
  });

  it.each([
    ["select count(*) = 1 from a", "not true: got false, want true"],
    ["select true, null::boolean", "not true: got true, null, want true"],
    ["select id > 0 from a", "not true: got no row, want true"],
    ["select id from a where id = 1", "not true: got no row, want true"],
    ["values (true), (false)", "not true: got false, want true"],
    ["select from a where id = 1 -- without columns", "not true: got false, want true"],
    ["do $$ begin raise 'no good'; end $$", "no good"],
    ["select missing from a", 'column "missing" does not exist'],
    ["select true where 'a\\b' = 'x'''", "not true: got no row, want true"],
  ])("rolls the file back when its verify block says %s", async (statement, message) => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_a.sql": `create table a (id int);\n-- verify\nselect true;\n${statement};\n`,
    });
    const result = await up(url, directory);
    expect(result.failure?.message).toContain(`1_a.sql:4:1: verify: ${message} (SQLSTATE `);
    expect(await query(url, "select to_regclass('a') is null")).toEqual([[true]]);
    expect(await versions(url)).toEqual([]);
  });

  it("commits a file whose verify block is true, judging only boolean columns", async () => {
    const url = await newDatabase();
    const verify =
      "select 'text', null::int, id = 1 from a -- the end\n; select id as a, null as a from a; values (true); select from a where id = 1";
    const directory = directoryOf({ "1_a.sql": `create table a as select 1 as id;\n-- verify\n${verify}` });
    expect((await up(url, directory)).failure).toBeUndefined();
    expect(await versions(url)).toEqual([["1", "versioned"]]);
  });
});
