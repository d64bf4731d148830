import { beforeAll, describe, expect, it } from "vitest";
import { step } from "../../checks/rows.ts";
import { newDatabase, query } from "./support/database.ts";
import { observedOf, resultsOf, runStep } from "./support/step.ts";

let databaseUrl: string;

beforeAll(async () => {
  databaseUrl = await newDatabase();
  await query(
    databaseUrl,
    "create table jobs (name text, cron text, active boolean, tries bigint, at timestamptz)",
  );
  await query(
    databaseUrl,
    "insert into jobs values ('daily', '0 2 * * *', true, 3, '2026-01-02 03:04Z'), ('weekly', '0 1 * * 0', false, null, null)",
  );
});

const one = (sql: string, expect: object) =>
  runStep(step, { databaseUrl, queries: [{ name: "it", sql, expect }] });

describe("rows", () => {
  it.each([
    ["select count(*) from jobs", { equals: 2 }],
    ["select active from jobs where name = 'daily';", { equals: true }],
    ["select tries from jobs where name = 'weekly' -- a comment", { equals: null }],
    ["select cron from jobs where name = 'daily'", { equals: "0 2 * * *" }],
    ["select count(*) from jobs", { min: 2 }],
    ["select count(*) from jobs", { max: 2 }],
    ["select 1.5", { min: 1.5, max: 1.5 }],
    ["select from jobs", { count: 2 }],
    [
      "table jobs",
      {
        rows: [
          { name: "weekly", tries: null },
          { name: "daily", tries: 3, active: true },
        ],
      },
    ],
    ["with j as (table jobs) select * from j where name = 'x'", { rows: [] }],
  ])("passes %s with %j", async (sql, expected) => {
    expect(resultsOf(await one(sql, expected))).toEqual({ it: "passed" });
  });

  it.each([
    ["select count(*) from jobs", { equals: 3 }, "2"],
    ["select count(*) from jobs", { equals: "2" }, "2"],
    ["select count(*) from jobs", { min: 3 }, "2"],
    ["select count(*) from jobs", { max: 1 }, "2"],
    ["select null", { min: 0 }, "null"],
    ["select 'NaN'::float8", { max: 0 }, '"NaN"'],
    ["table jobs", { equals: "daily" }, "2 rows, want one"],
    ["select true where false", { equals: true }, "0 rows, want one"],
    ["table jobs", { count: 3 }, "2 rows"],
    ["table missing", { count: 0 }, 'relation "missing" does not exist'],
    ["delete from jobs returning 1", { count: 2 }, 'syntax error at or near "from"'],
    [
      "select 1) q; delete from jobs; select (1",
      { count: 1 },
      "cannot insert multiple commands into a prepared statement",
    ],
    ["select nextval('missing')", { min: 0 }, 'relation "missing" does not exist'],
  ])("fails %s with %j", async (sql, expected, observed) => {
    const finding = await one(sql, expected);
    expect(resultsOf(finding)).toEqual({ it: "failed" });
    expect(observedOf(finding, "it")).toBe(observed);
  });

  it("shows each differing value beside what it should be, missing rows and unexpected ones", async () => {
    const finding = await one("select name, cron, active from jobs", {
      rows: [
        { name: "daily", cron: "0 3 * * *", active: true },
        { name: "monthly", cron: "0 0 1 * *" },
      ],
    });
    expect(observedOf(finding, "it")).toBe(
      '2 rows; {"name":"daily","active":true}: cron is "0 2 * * *", want "0 3 * * *"; missing {"name":"monthly","cron":"0 0 1 * *"}; unexpected {"name":"weekly","cron":"0 1 * * 0","active":false}',
    );
  });

  it("goes on with the next query when one fails", async () => {
    const queries = [
      { name: "broken", sql: "select 1 / 0", expect: { equals: 1 } },
      { name: "good", sql: "select 1", expect: { equals: 1 } },
    ];
    expect(resultsOf(await runStep(step, { databaseUrl, queries }))).toEqual({
      broken: "failed",
      good: "passed",
    });
  });

  it("changes nothing, whatever a query calls", async () => {
    await query(
      databaseUrl,
      "create function add() returns int language sql as 'insert into jobs default values returning 1'",
    );
    const finding = await one("select add()", { equals: 1 });
    expect(observedOf(finding, "it")).toBe("cannot execute INSERT in a read-only transaction");
  });

  it.each([
    [{}],
    [{ equals: 1, min: 0 }],
    [{ rows: [], count: 0 }],
    [{ near: 1 }],
  ])("refuses the expectation %j", (expected) => {
    const queries = [{ name: "it", sql: "select 1", expect: expected }];
    expect(step.inputs().safeParse({ databaseUrl, queries }).success).toBe(false);
  });

  it("stops with a clear message, without the password, when the database is not there", async () => {
    const url = "postgresql://someone:a-secret-word@127.0.0.1:1/none";
    await expect(
      runStep(step, { databaseUrl: url, queries: [{ name: "it", sql: "select 1", expect: { equals: 1 } }] }),
    ).rejects.toThrow(
      /^database "127\.0\.0\.1:1\/none": connect ECONNREFUSED 127\.0\.0\.1:1, want a session; check host/,
    );
  });

  it("takes the first column as the query has it", async () => {
    const sql = "select 4 as number_of_jobs, 7 as x";
    const finding = await runStep(step, {
      databaseUrl,
      queries: [{ name: "first", sql, expect: { equals: 4 } }],
    });
    expect(observedOf(finding, "first")).toBe("4");
  });

  it.each([
    "select count(*), count(*) filter (where n > 3) from generate_series(1, 5) n",
    'select 5 as "10", 2 as "2"',
  ])("takes the first column also of those with one name, or a number for one: %s", async (sql) => {
    const finding = await runStep(step, {
      databaseUrl,
      queries: [
        { name: "first", sql, expect: { equals: 5 } },
        { name: "last", sql, expect: { max: 2 } },
      ],
    });
    expect(resultsOf(finding)).toEqual({ first: "passed", last: "failed" });
  });

  it("keeps every digit of a number that JavaScript would round", async () => {
    const sql = "select 9007199254740993 as id";
    const finding = await runStep(step, {
      databaseUrl,
      queries: [
        { name: "rounded", sql, expect: { equals: 9007199254740992 } },
        { name: "text", sql, expect: { equals: "9007199254740993" } },
        { name: "rows", sql, expect: { rows: [{ id: "9007199254740993" }] } },
        { name: "bound", sql, expect: { min: 9_000_000_000_000_000 } },
      ],
    });
    expect(resultsOf(finding)).toEqual({
      rounded: "failed",
      text: "passed",
      rows: "passed",
      bound: "passed",
    });
    expect(observedOf(finding, "rounded")).toBe('"9007199254740993"');
  });
});
