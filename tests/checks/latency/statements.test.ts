// What the latency check reads of a real pg_stat_statements.
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { lookAtStatements, triedStatements } from "../../../checks/latency/database.ts";
import { newDatabase, query, session } from "../support/database.ts";

const signal = AbortSignal.timeout(60_000);
let databaseUrl = "";
let isLoaded = false;

beforeAll(async () => {
  databaseUrl = await newDatabase();
  const [[libraries]] = (await query(databaseUrl, "show shared_preload_libraries")) as [[string]];
  isLoaded = libraries.includes("pg_stat_statements");
  if (isLoaded) await query(databaseUrl, "create extension pg_stat_statements");
});

describe("statements of the database", () => {
  it("are counted whole where a statement runs both by itself and within a function", async ({ skip }) => {
    skip(!isLoaded, "this PostgreSQL comes without pg_stat_statements");
    const client = await session(databaseUrl);
    await client.query("set pg_stat_statements.track = 'all'");
    await client.query(
      "create function nested() returns void language plpgsql as 'begin perform pg_sleep(0.05) as both; end'",
    );
    await client.query("select nested()");
    for (const seconds of [0.01, 0.02]) await client.query(`select pg_sleep(${seconds}) as both`);
    const seen = [...(await lookAtStatements(databaseUrl, signal)).values()];
    const both = seen.filter((one) => /^select pg_sleep\(\$1\) as both$/i.test(one.query));
    expect(both.map(({ calls }) => calls)).toEqual([3]);
    expect(both[0]?.milliseconds).toBeGreaterThanOrEqual(80);
  });

  it("are not known to a role that sees only its own", async ({ skip }) => {
    skip(!isLoaded, "this PostgreSQL comes without pg_stat_statements");
    const role = `checks_reader_${randomBytes(4).toString("hex")}`;
    await query(databaseUrl, `create role ${role} login password 'reader-password'`);
    const url = databaseUrl.replace(/\/\/[^@]*@/, `//${role}:reader-password@`);
    await query(url, "select 1 as own");
    const hidden = await triedStatements(url, signal);
    await query(databaseUrl, `grant pg_read_all_stats to ${role}`);
    const granted = await triedStatements(url, signal);
    await query(databaseUrl, `drop role ${role}`);
    expect(hidden).toBe(`statements of other roles are hidden from ${role}; grant it pg_read_all_stats`);
    expect(granted).toBeInstanceOf(Map);
  });
});
