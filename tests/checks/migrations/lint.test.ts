import { beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { type Grammar, loadGrammar } from "../../../checks/migrations/grammar.ts";
import { type LintContext, type TableFacts, tableFacts } from "../../../checks/migrations/lint/context.ts";
import { lint } from "../../../checks/migrations/lint/lint.ts";
import { RULE_NAMES } from "../../../checks/migrations/lint/names.ts";
import type { Finding } from "../../../checks/migrations/lint/rule.ts";
import { readScript } from "../../../checks/migrations/script.ts";
import { newDatabase, query } from "../support/database.ts";

let grammar: Grammar;
beforeAll(async () => {
  grammar = await loadGrammar();
});

const LARGE = { rows: 1_200_000, bytes: 300 * 1024 * 1024 };
const SMALL = { rows: 12, bytes: 16_384 };
const EMPTY = { rows: 0, bytes: 0 };
const context: LintContext = {
  tables: new Map<string, TableFacts>([
    ["big", LARGE],
    ["small", SMALL],
    ["empty", EMPTY],
    ["other.far", { ...LARGE, lengths: { long: 100, any_length: null } }],
  ]),
  statementTimeoutSeconds: 300,
};
const complete = "\n-- verify\nselect true";

/** Findings of one file, without the notices on what a file lacks. */
function findingsOf(sql: string, known: LintContext = context): Finding[] {
  const file = { path: "1_x.sql", sql, sha256: "", down: { path: "1_x.down.sql", sql: "", sha256: "" } };
  const [report] = lint([readScript(file, grammar)], known);
  return report?.findings ?? [];
}
const shown = (sql: string, known?: LintContext) =>
  findingsOf(sql + complete, known).map(({ rule, severity }) => `${severity} ${rule}`);

const NO_TRANSACTION = "-- greenlight: no-transaction\n";

describe("lint", () => {
  it.each([
    ["create index i on big (a)", "error index-not-concurrent"],
    ["create index i on public.big (a)", "error index-not-concurrent"],
    ["create index i on far (a)", "error index-not-concurrent"],
    ["create index i on small (a)", "notice index-not-concurrent"],
    ["reindex table big", "error index-not-concurrent"],
    ["drop index i", "warning drop-index-not-concurrent"],
    ["create index concurrently i on small (a)", "error needs-no-transaction"],
    ["drop index concurrently i", "error needs-no-transaction"],
    ["reindex index concurrently i", "error needs-no-transaction"],
    ["vacuum small", "error needs-no-transaction"],
    ["alter system set work_mem = '1MB'", "error needs-no-transaction"],
    ["alter table big alter column a type bigint", "error table-rewrite"],
    ["alter table small alter column a type bigint", "notice table-rewrite"],
    ["alter table big alter column a type text", "notice table-rewrite"],
    ["alter table big alter column a type varchar", "notice table-rewrite"],
    ["alter table big alter column a type varchar(10)", "error table-rewrite"],
    ["alter table big alter column a type text[]", "error table-rewrite"],
    ["alter table big alter column a type text using a::text", "error table-rewrite"],
    ["alter table other.far alter column long type varchar(10)", "error table-rewrite"],
    ["alter table other.far alter column long type varchar(100)", "notice table-rewrite"],
    ["alter table other.far alter column long type varchar(200)", "notice table-rewrite"],
    ["alter table other.far alter column long type text", "notice table-rewrite"],
    ["alter table other.far alter column any_length type varchar(200)", "error table-rewrite"],
    ["alter table other.far alter column any_length type varchar", "notice table-rewrite"],
    ["alter table other.far alter column number type text", "error table-rewrite"],
    ["alter table big add column a uuid default gen_random_uuid()", "error table-rewrite"],
    ["alter table big add column a text default 'x' || clock_timestamp()", "error table-rewrite"],
    ["alter table big add column a bigserial", "error table-rewrite"],
    ["alter table big add column a int generated always as (b + 1) stored", "error table-rewrite"],
    ["alter table big add column a int generated always as identity", "error table-rewrite"],
    ["alter table big set tablespace fast", "error table-rewrite"],
    [`${NO_TRANSACTION}vacuum full big`, "error table-rewrite"],
    ["cluster big using i", "error table-rewrite"],
    ["alter table big add column a int not null", "error not-null-without-default"],
    ["alter table small add column a int not null", "error not-null-without-default"],
    ["alter table empty add column a int not null", "notice not-null-without-default"],
    ["alter table big alter column a set not null", "warning set-not-null"],
    ["alter table big add constraint c check (a > 0)", "error constraint-without-not-valid"],
    ["alter table big add foreign key (a) references small", "error constraint-without-not-valid"],
    ["alter table big add column a int references small", "error constraint-without-not-valid"],
    ["alter table big add constraint u unique (a)", "error unique-without-index"],
    ["alter table big add primary key (a)", "error unique-without-index"],
    ["alter table big add column a int unique", "error unique-without-index"],
    ["drop table big", "error drop-table"],
    ["drop table if exists other.far cascade", "error drop-table"],
    ["drop schema other cascade", "error drop-table"],
    ["alter table small drop column a", "error drop-column"],
    ["truncate small", "error truncate"],
    ["alter table big rename to large", "error rename-table"],
    ["alter table small set schema other", "error rename-table"],
    ["alter table big rename column a to b", "error rename-column"],
    ["alter table big rename a to b", "error rename-column"],
    ["update big set a = 1", "warning every-row"],
    ["delete from big", "warning every-row"],
    ["refresh materialized view big", "warning refresh-not-concurrent"],
    ["lock table big", "warning lock-table"],
    ["set lock_timeout = 0", "error missing-timeout"],
    ["set local statement_timeout to '0s'", "error missing-timeout"],
    ["reset statement_timeout", "error missing-timeout"],
    ["set lock_timeout to default", "error missing-timeout"],
    [
      "create function f() returns int language sql security definer as 'select 1'",
      "error definer-search-path",
    ],
    ["selec 1", "error syntax"],
    ["-- greenlight: allow drop-tabel it is gone\nselect 1", "warning unknown-rule"],
  ])("finds in %j: %s", (sql, finding) => {
    expect(shown(sql)).toEqual([finding]);
    expect(RULE_NAMES).toContain(finding.split(" ")[1]);
  });

  it.each([
    `${NO_TRANSACTION}create index concurrently i on big (a)`,
    `${NO_TRANSACTION}drop index concurrently i`,
    `${NO_TRANSACTION}reindex table concurrently big`,
    `${NO_TRANSACTION}vacuum big`,
    "create table n (id int); create index i on n (id); alter table n add column a int not null; drop table n",
    "create table public.n (id int); create index i on n (id)",
    "create table n as select 1 as id; alter table n rename to m; create index i on m (id)",
    "create table n (id int); alter table n set schema other; create index i on other.n (id)",
    "alter view v set schema other",
    "create materialized view n as select 1 as id; refresh materialized view n",
    "create table if not exists n (id int); create index i on n (id)",
    "alter table big add column a int",
    "alter table big add column a int not null default 0",
    "alter table big add column a timestamptz not null default now()",
    "alter table big add column a timestamptz default current_timestamp",
    "alter table big add column a text default lower('X')",
    "alter table big add constraint c check (a > 0) not valid",
    "alter table big add foreign key (a) references small not valid",
    "alter table big validate constraint c",
    "alter table big add constraint u unique using index i",
    "alter table big add primary key using index i",
    "alter table big drop constraint c",
    "alter table big enable row level security",
    "alter index i rename to j",
    "alter view v rename to w",
    "drop view v",
    "drop table if exists not_there",
    "drop function f()",
    "update big set a = 1 where id = 7",
    "delete from big where id = 7",
    `${NO_TRANSACTION}refresh materialized view concurrently big`,
    "analyze big",
    "set lock_timeout = '5s'",
    "set statement_timeout = 600000",
    "set work_mem = 0",
    "create function f() returns int language sql security definer set search_path = pg_catalog as 'select 1'",
    "create function f() returns int language sql as 'select 1'",
    "select 1",
  ])("finds nothing in %j", (sql) => {
    expect(shown(sql)).toEqual([]);
  });

  it("notices what a file lacks: a verify block, a down file, a limit", () => {
    const bare = { path: "1_x.sql", sql: "select 1", sha256: "" };
    const [report] = lint([readScript(bare, grammar)], { ...context, statementTimeoutSeconds: 0 });
    expect(report?.findings.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
      "warning missing-timeout",
      "notice missing-verify",
      "notice missing-down",
    ]);
    const limited = "-- greenlight: statement-timeout-seconds 60\nselect 1";
    expect(shown(limited, { ...context, statementTimeoutSeconds: 0 })).toEqual([]);
  });

  it("expects no down file of a repeatable one", () => {
    const file = { path: "R_v.sql", sql: `select 1${complete}`, sha256: "", kind: "repeatable" as const };
    expect(lint([readScript(file, grammar)], context)[0]?.findings).toEqual([]);
  });

  it("takes a table for large while the database is not known, unless the files create it", () => {
    const unknown: LintContext = { tables: undefined, statementTimeoutSeconds: 300 };
    expect(shown("create index i on anything (a)", unknown)).toEqual(["error index-not-concurrent"]);
    expect(shown("create table if not exists n (a int); create index i on n (a)", unknown)).toEqual([]);
  });

  it("takes CREATE TABLE IF NOT EXISTS for nothing where the table is there", () => {
    expect(shown("create table if not exists big (a int); create index i on big (a)")).toEqual([
      "error index-not-concurrent",
    ]);
  });

  it("knows in a file what the files before it created", () => {
    const script = (path: string, sql: string) => readScript({ path, sql, sha256: "" }, grammar);
    const reports = lint(
      [script("1_a.sql", "create table n (a int)"), script("2_b.sql", "create index i on n (a)")],
      context,
    );
    expect(
      reports.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== "notice"),
    ).toEqual([]);
  });

  it("says line, table, size and what to write instead", () => {
    expect(findingsOf(`select 1;\n\n  drop table big;${complete}`)).toEqual([
      {
        rule: "drop-table",
        severity: "error",
        file: "1_x.sql",
        line: 3,
        message:
          "drops big (1200000 rows, 300 MiB): its data is lost and the version still running may read it",
        fix: "release a version that does not use it first, drop it one release later",
      },
    ]);
  });

  it("knows the size of a partitioned table by its partitions, and the lengths of columns", async () => {
    const url = await newDatabase();
    await query(
      url,
      `create schema other;
       create table whole (id int, name varchar(100), note text, "a 'b'" varchar);
       create table parts (id int, at int, note text) partition by range (at);
       create table parts_1 partition of parts for values from (0) to (10) partition by range (at);
       create table parts_1a partition of parts_1 for values from (0) to (5);
       create table parts_1b partition of parts_1 for values from (5) to (10);
       create table other.parts_2 partition of parts for values from (10) to (20);
       create table without (id int) partition by range (id);
       insert into parts select g, g % 20, repeat('x', 1000) from generate_series(1, 20000) g;
       analyze parts`,
    );
    const tables = await withDatabase(
      url,
      { application: "test", signal: AbortSignal.timeout(60_000) },
      tableFacts,
    );
    const bytes = (...names: string[]) =>
      names.reduce((sum, name) => sum + (tables.get(name)?.bytes ?? Number.NaN), 0);
    expect(tables.get("parts")?.rows).toBe(20_000);
    expect(tables.get("parts_1")?.rows).toBe(10_000);
    expect(bytes("parts")).toBe(bytes("parts_1a", "parts_1b", "other.parts_2"));
    expect(bytes("parts")).toBeGreaterThan(20_000_000);
    expect(tables.get("without")).toEqual({ rows: 0, bytes: 0, lengths: {} });
    expect(tables.get("whole")?.lengths).toEqual({ name: 100, note: null, "a 'b'": null });
    expect(shown("create index i on parts (at)", { tables, statementTimeoutSeconds: 300 })).toEqual([
      "error index-not-concurrent",
    ]);
  });

  it("keeps the reason of a finding that the file allows", () => {
    const [finding] = findingsOf(
      `-- greenlight: allow truncate rebuilt by the import tonight\ntruncate small;${complete}`,
    );
    expect(finding).toMatchObject({ rule: "truncate", allowed: "rebuilt by the import tonight" });
  });
});
