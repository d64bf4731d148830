import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { step } from "../../checks/migration.ts";
import { newDatabase, query, session } from "./support/database.ts";
import { directoryOf, up } from "./support/migrations.ts";
import { observedOf, resultsOf, runStep } from "./support/step.ts";

const context = {
  name: 'migration "test"',
  log: () => {},
  signal: new AbortController().signal,
  previous: undefined,
};
const plan = async (inputs: {
  directory?: string;
  databaseUrl?: string;
  lint?: { failOn: string[] };
  baseline?: string;
}) => {
  const lines = await step.plan?.(inputs, context);
  return lines ?? [];
};

describe("migration", () => {
  it("proves every file, with its hash and time, and says what it did", async () => {
    const databaseUrl = await newDatabase();
    const directory = directoryOf({
      "0001_añadir_cola.sql": "create table a ()",
      "R_view.sql": "create or replace view v as select 1 as one",
    });
    const finding = await runStep(step, { databaseUrl, directory });
    expect(resultsOf(finding)).toEqual({
      files: "passed",
      history: "passed",
      "file-0001-anadir-cola": "passed",
      "file-r-view": "passed",
    });
    expect(observedOf(finding, "files")).toBe("2 of 2, 2 in this run");
    expect(observedOf(finding, "file-0001-anadir-cola")).toMatch(
      /^applied in \d+ ms at \S+Z by greenlight, sha256 [0-9a-f]{12}$/,
    );
    expect(finding.facts).toMatchObject({
      versionBefore: null,
      versionAfter: "0001",
      appliedCount: 2,
      adopted: [],
    });
    expect(finding.lines[0]).toMatch(/^0001_añadir_cola\.sql applied in \d+ ms$/);
    const again = await runStep(step, { databaseUrl, directory });
    expect(observedOf(again, "files")).toBe("2 of 2, 0 in this run");
    expect(new Set(Object.values(resultsOf(again)))).toEqual(new Set(["passed"]));
  });

  it("fails with the place of the error, the state of the database and what to do", async () => {
    const databaseUrl = await newDatabase();
    const directory = directoryOf({
      "1_a.sql": "create table a ()",
      "2_b.sql": "alter table a add column x nope",
      "3_c.sql": "",
    });
    const finding = await runStep(step, { databaseUrl, directory });
    expect(resultsOf(finding)).toEqual({
      files: "failed",
      history: "passed",
      "file-1-a": "passed",
      "file-2-b": "failed",
      "file-3-c": "notApplicable",
    });
    expect(observedOf(finding, "files")).toBe(
      "1 of 3; stopped at 2_b.sql; the database is complete up to 1; correct 2_b.sql and run up again, it goes on there",
    );
    expect(observedOf(finding, "file-2-b")).toBe(
      '2_b.sql:1:28: type "nope" does not exist (SQLSTATE 42704) in "alter table a add column x nope"',
    );
  });

  it("refuses a directory without a migration, such as one above them: nothing would be proven", async () => {
    const databaseUrl = await newDatabase();
    const directory = directoryOf({ "sql/1_a.sql": "create table a ()", "README.md": "" });
    const message = `directory "${directory}" holds no migration, want NNNN_name.sql, NNNN_name.down.sql or R_name.sql; correct the path`;
    await expect(runStep(step, { databaseUrl, directory })).rejects.toThrow(message);
    await expect(plan({ databaseUrl, directory })).rejects.toThrow(message);
    await expect(plan({ directory })).rejects.toThrow(message);
  });

  it("stops before anything runs at a lint error, and goes on when the file allows it or the stack does not mind", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table a as select 1 as x, 2 as y");
    const drop = "alter table a drop column x";
    const directory = directoryOf({ "1_a.sql": "create table b ()", "2_b.sql": drop });
    await expect(runStep(step, { databaseUrl, directory })).rejects.toThrow(
      /^nothing was run: 2_b\.sql:1: error drop-column: drops a \(\d+ rows, \S+ MiB\)\.x: its data is lost .*, or accept it with -- greenlight: allow drop-column REASON$/,
    );
    expect(await query(databaseUrl, "select to_regclass('b') is null")).toEqual([[true]]);
    writeFileSync(
      join(directory, "2_b.sql"),
      `-- greenlight: allow drop-column nobody reads it since 4.2\n${drop}`,
    );
    expect(resultsOf(await runStep(step, { databaseUrl, directory })).files).toBe("passed");
    writeFileSync(join(directory, "3_c.sql"), "alter table a drop column y");
    expect(resultsOf(await runStep(step, { databaseUrl, directory, lint: { failOn: [] } })).files).toBe(
      "passed",
    );
  });

  it("runs again for other files or another database, not for another password, release or place of the directory", () => {
    const files = { "1_a.sql": "select 1" };
    const rerun = (directory: string, databaseUrl: string, release = "") => {
      if (step.rerun === "always") throw new Error("a migration is history");
      return step.rerun(step.inputs().parse({ directory, databaseUrl, release }));
    };
    const first = rerun(directoryOf(files), "postgresql://m:one-password@h/d");
    expect(rerun(directoryOf(files), "postgresql://m:another-one@h:5432/d?sslmode=require", "v2")).toEqual(
      first,
    );
    expect(rerun(directoryOf({ "1_a.sql": "select 2" }), "postgresql://m:one-password@h/d")).not.toEqual(
      first,
    );
    expect(rerun(directoryOf(files), "postgresql://m:one-password@h/other")).not.toEqual(first);
    expect(JSON.stringify(first)).not.toContain("password");
  });

  it.each([
    [{ lockTimeoutSeconds: 0.1 }, { lockTimeoutSeconds: 0.09 }],
    [{ lockTimeoutSeconds: 60 }, { lockTimeoutSeconds: 61 }],
    [{ lockWaitSeconds: 3600 }, { lockWaitSeconds: 3601 }],
    [{ statementTimeoutSeconds: 86_400 }, { statementTimeoutSeconds: 86_401 }],
    [{ baseline: "0004" }, { baseline: "v 4" }],
    [{ historyTable: "h".repeat(63) }, { historyTable: "h".repeat(64) }],
    [{}, { unknown: 1 }],
  ])("accepts %j and refuses %j", (good, bad) => {
    const base = { directory: "d", databaseUrl: "postgresql://h/d" };
    expect(step.inputs().safeParse({ ...base, ...good }).success).toBe(true);
    expect(step.inputs().safeParse({ ...base, ...bad }).success).toBe(false);
  });
});

describe("the preview of a migration", () => {
  const files = {
    "1_a.sql": "create table a (id int primary key)",
    "2_b.sql": "alter table a add column x int;\nalter table old add column x int",
  };

  it("lists pending files with their locks and findings, and changes nothing", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table old (id int)");
    const directory = directoryOf(files);
    expect(await plan({ databaseUrl, directory })).toEqual([
      "2 of 2 files pending, the database is at no migration",
      "1_a.sql: 1 statement, one transaction; locks: none on existing tables; notices: missing-verify, missing-down",
      "2_b.sql: 2 statements, one transaction; locks: ACCESS EXCLUSIVE on old (0 rows, 0.0 MiB); notices: missing-verify, missing-down",
    ]);
    expect(await query(databaseUrl, "select to_regclass('greenlight_migrations') is null")).toEqual([[true]]);
    await runStep(step, { databaseUrl, directory });
    writeFileSync(join(directory, "3_c.sql"), "drop index a_pkey; select 1");
    expect(await plan({ databaseUrl, directory })).toEqual([
      "1 of 3 files pending, the database is at 2",
      expect.stringMatching(/^3_c\.sql: 2 statements/),
      "  3_c.sql:1: warning drop-index-not-concurrent: DROP INDEX waits for every query on its table and stops those that come after it; DROP INDEX CONCURRENTLY in a file of its own with -- greenlight: no-transaction",
    ]);
  });

  it("waits for nobody's lock", async () => {
    const databaseUrl = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "" });
    await runStep(step, { databaseUrl, directory });
    const other = await session(databaseUrl);
    await other.query("select pg_advisory_lock(1735552116, 1)");
    expect(await plan({ databaseUrl, directory })).toEqual([
      "nothing pending: all 1 files are applied, the database is at 1",
    ]);
  });

  it("waits, as the run does, for nobody's lock on a table that the files do not name", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table theirs as select generate_series(1, 10000) as id; analyze theirs");
    const other = await session(databaseUrl);
    await other.query("begin; lock table theirs in access exclusive mode");
    const directory = directoryOf({
      "1_a.sql": "create table a ()",
      "2_b.sql": "alter table theirs add x int",
    });
    const lines = await plan({ databaseUrl, directory });
    expect(lines.join("\n")).toContain("locks: ACCESS EXCLUSIVE on theirs (10000 rows, 0.4 MiB)");
    const only = { databaseUrl, directory: directoryOf({ "1_a.sql": "create table a ()" }) };
    expect(resultsOf(await runStep(step, only)).files).toBe("passed");
    await other.query("rollback");
  });

  it("says that the state is unknown while there is no database, and still reads the files", async () => {
    const directory = directoryOf(files);
    expect((await plan({ directory }))[0]).toBe(
      "2 files; which of them are applied is unknown until up: the database is not known",
    );
    const databaseUrl = (await newDatabase()).replace(/checks_[0-9a-f]+/, "not_there");
    const lines = await plan({ directory, databaseUrl, lint: { failOn: ["syntax"] } });
    expect(lines[0]).toMatch(
      /^2 files; which of them are applied is unknown until up: database "\S+\/not_there": .*does not exist/,
    );
    expect(lines).toHaveLength(3);
    expect(await plan({})).toEqual(["the directory of migrations is not known before up"]);
  });

  it("is stopped by an edited file, by what cannot run and by a lint error", async () => {
    const databaseUrl = await newDatabase();
    const directory = directoryOf({ "1_a.sql": "create table a ()" });
    await runStep(step, { databaseUrl, directory });
    writeFileSync(join(directory, "1_a.sql"), "create table b ()");
    await expect(plan({ databaseUrl, directory })).rejects.toThrow("1_a.sql: edited after it was applied");
    await expect(plan({ directory: directoryOf({ "1_a.sql": "\\i other.sql" }) })).rejects.toThrow(
      "\\i is a command of psql",
    );
    await expect(plan({ directory: directoryOf({ "1_a.sql": "selec 1" }) })).rejects.toThrow(
      'nothing was run: 1_a.sql:1: error syntax: syntax error at or near "selec"; correct the statement',
    );
  });

  it("names INVALID indexes that an interrupted build left", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table a as select 1 as id from generate_series(1, 2)");
    await expect(query(databaseUrl, "create unique index concurrently i on a (id)")).rejects.toThrow(
      "could not create",
    );
    const directory = directoryOf({ "1_a.sql": "" });
    await up(databaseUrl, directory);
    expect(await plan({ databaseUrl, directory })).toEqual([
      "nothing pending: all 1 files are applied, the database is at 1",
      "index public.i is INVALID, left by an interrupted build: up rebuilds it where its file is pending, else use REINDEX INDEX CONCURRENTLY",
    ]);
  });

  it("says which files a baseline takes over", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table a ()");
    const directory = directoryOf({ "1_a.sql": "create table a ()", "2_b.sql": "create table b ()" });
    expect((await plan({ databaseUrl, directory, baseline: "1" })).slice(0, 2)).toEqual([
      "1 of 2 files pending, the database is at no migration",
      "1 files up to 1 are recorded without being run",
    ]);
  });
});
