import { beforeAll, describe, expect, it } from "vitest";
import { step } from "../../checks/maintenance.ts";
import { newDatabase, query } from "./support/database.ts";
import { observedOf, resultsOf, runStep } from "./support/step.ts";

let databaseUrl: string;

beforeAll(async () => {
  databaseUrl = await newDatabase();
  for (const sql of [
    "create table jobs (id int, state text) with (autovacuum_enabled = off, autovacuum_vacuum_scale_factor = 5e-2, toast.autovacuum_vacuum_threshold = 100)",
    "insert into jobs select n, 'x' from generate_series(1, 1000) n",
    "create table nothing (id int)",
    'create schema other; create table other."Odd.Table" as select 1 as id',
    "create materialized view plain as select count(*) from jobs",
    "create materialized view indexed as select id from jobs",
    "create unique index on indexed (id)",
    "create materialized view broken as select 1 / (id - 1) as x from jobs with no data",
  ])
    await query(databaseUrl, sql);
});

const look = (wanted: object) => runStep(step, { databaseUrl, ...wanted });

describe("maintenance", () => {
  it("analyzes tables and proves it by the planner's statistics", async () => {
    expect(await query(databaseUrl, "select count(*)::int from pg_stats where tablename = 'jobs'")).toEqual([
      [0],
    ]);
    const finding = await look({ analyze: ["jobs", "nothing", "other.Odd.Table", "missing"] });
    expect(resultsOf(finding)).toMatchObject({
      "analyze-jobs": "passed",
      "analyze-nothing": "passed",
      "analyze-other-odd-table": "passed",
      "analyze-missing": "failed",
    });
    expect(observedOf(finding, "analyze-jobs")).toMatch(/^1000 rows, statistics on 2 of 2 columns, \d+ ms$/);
    expect(observedOf(finding, "analyze-missing")).toBe("no such table");
    expect(finding.lines[0]).toMatch(/^jobs analyzed in \d+ ms$/);
  });

  it("fails when the role may not analyze, though the command itself does not", async () => {
    const role = `checks_guest_${process.pid}`;
    await query(databaseUrl, `create role ${role} login password 'guest-password'`);
    await query(databaseUrl, "create table theirs as select 1 as id");
    const guest = new URL(databaseUrl);
    guest.username = role;
    guest.password = "guest-password";
    const finding = await runStep(step, { databaseUrl: guest.href, analyze: ["theirs"] });
    expect(resultsOf(finding)["analyze-theirs"]).toBe("failed");
    expect(observedOf(finding, "analyze-theirs")).toMatch(/^-1 rows, statistics on 0 of 1 columns/);
    // Statistics of an earlier time are none of this one.
    await query(databaseUrl, `analyze theirs; grant select on theirs to ${role}`);
    const later = await runStep(step, { databaseUrl: guest.href, analyze: ["theirs"] });
    await query(databaseUrl, `drop owned by ${role}; drop role ${role}`);
    expect(resultsOf(later)["analyze-theirs"]).toBe("failed");
    expect(observedOf(later, "analyze-theirs")).toMatch(
      /^1 rows, statistics on 1 of 1 columns, \d+ ms; .*(skipping "theirs"|"theirs", skipping)/,
    );
  });

  it("goes by the time of the last ANALYZE where row security hides the statistics from the owner", async () => {
    const role = `checks_owner_${process.pid}`;
    await query(databaseUrl, `create role ${role} login password 'owner-password'`);
    await query(databaseUrl, "create table hidden as select n as id from generate_series(1, 100) n");
    await query(databaseUrl, "alter table hidden enable row level security, force row level security");
    const owner = new URL(databaseUrl);
    owner.username = role;
    owner.password = "owner-password";
    const looked = () => runStep(step, { databaseUrl: owner.href, analyze: ["hidden"] });
    const refused = await looked();
    await query(databaseUrl, `alter table hidden owner to ${role}`);
    const finding = await looked();
    await query(databaseUrl, `drop owned by ${role} cascade`);
    await query(databaseUrl, `drop role ${role}`);
    expect(observedOf(finding, "analyze-hidden")).toMatch(
      /^analyzed at 20.*; row security hides the statistics, \d+ ms$/,
    );
    expect(resultsOf(finding)["analyze-hidden"]).toBe("passed");
    expect(resultsOf(refused)["analyze-hidden"]).toBe("failed");
  });

  it("refreshes views, concurrently where that is possible", async () => {
    await query(databaseUrl, "insert into jobs values (1001, 'y')");
    const finding = await look({ refresh: ["plain", "indexed", "broken", "jobs", "missing"] });
    expect(observedOf(finding, "refresh-plain")).toMatch(
      /^populated, refreshed while its readers wait in \d+ ms$/,
    );
    expect(observedOf(finding, "refresh-indexed")).toMatch(/^populated, refreshed concurrently in \d+ ms$/);
    expect(observedOf(finding, "refresh-broken")).toBe("division by zero");
    expect(observedOf(finding, "refresh-jobs")).toBe('"jobs" is not a materialized view');
    expect(observedOf(finding, "refresh-missing")).toBe("no such view");
    const results = resultsOf(finding);
    expect([results["refresh-broken"], results["refresh-jobs"], results["refresh-missing"]]).toEqual([
      "failed",
      "failed",
      "failed",
    ]);
    expect(await query(databaseUrl, "select count(*)::int from indexed")).toEqual([[1001]]);
  });

  it.each([
    [{ autovacuum_vacuum_scale_factor: 0.05 }, "passed", "autovacuum_vacuum_scale_factor=5e-2"],
    [
      { autovacuum_enabled: false, "toast.autovacuum_vacuum_threshold": 100 },
      "passed",
      "autovacuum_enabled=off, toast.autovacuum_vacuum_threshold=100",
    ],
    [{ autovacuum_enabled: true }, "failed", "autovacuum_enabled=off"],
    [{ autovacuum_vacuum_scale_factor: 0.06 }, "failed", "autovacuum_vacuum_scale_factor=5e-2"],
    [{ autovacuum_analyze_scale_factor: 0.02 }, "failed", "autovacuum_analyze_scale_factor=not set"],
  ])("judges %j as %s", async (settings, result, observed) => {
    const finding = await look({ autovacuum: { jobs: settings } });
    expect(resultsOf(finding)).toMatchObject({ autovacuum: "passed", "autovacuum-jobs": result });
    expect(observedOf(finding, "autovacuum-jobs")).toBe(observed);
  });

  it("fails the autovacuum settings of a missing table and refuses other parameters", async () => {
    const finding = await look({ autovacuum: { missing: { autovacuum_enabled: true } } });
    expect(observedOf(finding, "autovacuum-missing")).toBe("no such table");
    expect(step.inputs().safeParse({ databaseUrl, autovacuum: { jobs: { fillfactor: 80 } } }).success).toBe(
      false,
    );
    expect(step.inputs().safeParse({ databaseUrl, autovacuum: { jobs: {} } }).success).toBe(false);
  });

  it("is inconclusive about slow statements where nothing records them", async () => {
    const finding = await look({ slowStatements: { thresholdMilliseconds: 100 } });
    expect(resultsOf(finding)["slow-statements"]).toBe("inconclusive");
    expect(observedOf(finding, "slow-statements")).toMatch(
      /^pg_stat_statements: .*; load it in shared_preload_libraries/,
    );
  });

  it("counts statements that were called more than two billion times", async () => {
    const url = await newDatabase();
    await query(
      url,
      `create view pg_stat_statements as select 'commit' as query, 150.0::float8 as mean_exec_time, 3000000000 as calls,
         current_user::regrole::oid as userid, oid as dbid from pg_database where datname = current_database()`,
    );
    const given = { databaseUrl: url, slowStatements: { thresholdMilliseconds: 100 } };
    const finding = await runStep(step, given);
    expect(observedOf(finding, "slow-statements")).toBe(
      '1 of 1 recorded: 150.0 ms mean in 3000000000 calls of "commit"',
    );
  });

  it("finds what records them in the schema where it was made", async ({ skip }) => {
    const [[libraries] = []] = await query(databaseUrl, "show shared_preload_libraries");
    skip(
      !String(libraries).includes("pg_stat_statements"),
      "this PostgreSQL comes without pg_stat_statements",
    );
    const url = await newDatabase();
    await query(url, "create schema extensions; create extension pg_stat_statements schema extensions");
    const given = { databaseUrl: url, slowStatements: { thresholdMilliseconds: 600_000 } };
    expect(resultsOf(await runStep(step, given))["slow-statements"]).toBe("passed");
  });

  it("lists slow statements against the threshold and what is accepted", async ({ skip }) => {
    const [[libraries]] = (await query(databaseUrl, "show shared_preload_libraries")) as [[string]];
    skip(!libraries.includes("pg_stat_statements"), "this PostgreSQL comes without pg_stat_statements");
    await query(databaseUrl, "create extension pg_stat_statements");
    for (const n of [1, 2]) await query(databaseUrl, `select pg_sleep(0.02), ${n} as slow_statement`);
    const limits = { thresholdMilliseconds: 10, minimumCalls: 2 };
    const finding = await look({ slowStatements: limits });
    expect(resultsOf(finding)["slow-statements"]).toBe("failed");
    expect(observedOf(finding, "slow-statements")).toMatch(
      /^\d+ of \d+ recorded: .*ms mean in 2 calls of "select pg_sleep\(\$1\), \$2 as slow_statement"/,
    );
    const results = [
      await look({ slowStatements: { ...limits, minimumCalls: 1000 } }),
      await look({ slowStatements: { ...limits, thresholdMilliseconds: 600_000 } }),
      await look({ slowStatements: { ...limits, allowed: 1000 } }),
    ].map((one) => resultsOf(one)["slow-statements"]);
    expect(results).toEqual(["passed", "passed", "passed"]);
    const [[self]] = (await query(databaseUrl, "select current_user")) as [[string]];
    const ofRole = async (role: string) =>
      resultsOf(await look({ slowStatements: { ...limits, roles: [role] } }))["slow-statements"];
    expect([await ofRole(self), await ofRole("pg_monitor")]).toEqual(["failed", "notApplicable"]);
  });

  it("keeps the sizes of tables, largest first, and fails where it sees none", async () => {
    const { facts } = await look({ schemas: ["public", "other"] });
    expect(facts.tables).toEqual(
      expect.arrayContaining([expect.objectContaining({ table: "other.Odd.Table" })]),
    );
    const bytes = (facts.tables as { bytes: number }[]).map((table) => table.bytes);
    expect(bytes.length).toBeGreaterThan(4);
    expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
    expect(resultsOf(await look({ schemas: ["nowhere"] }))).toEqual({ "table-sizes": "failed" });
  });
});
