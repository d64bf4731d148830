// Databases that a restore replaced: kept for their time, then dropped; nothing else is touched.
import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { replaced } from "../../checks/rollback/replaced.ts";
import { step } from "../../checks/rollback.ts";
import { adminUrl, query } from "./support/database.ts";
import { inputFaults } from "./support/run-step.ts";

const signal = AbortSignal.timeout(600_000);
const now = new Date("2026-05-10T12:00:00.000Z");
let admin = "";
beforeAll(async () => {
  admin = await adminUrl();
});

/** A database with a comment, dropped when the test ends. */
async function made(name: string, comment: string): Promise<void> {
  await query(admin, `create database ${name}`);
  onTestFinished(async () => void (await query(admin, `drop database if exists ${name} with (force)`)));
  await query(admin, `comment on database ${name} is '${comment}'`);
}

const given = (name: string, keepHours: number) => ({
  bucket: "records",
  prefix: "records",
  system: "orders",
  stack: "production",
  parts: {},
  limitSeconds: 300,
  database: { adminUrl: admin, name, keepHours },
});

describe("a replaced database", () => {
  it("is kept for its time and dropped by the update after that, and no other one is touched", async () => {
    const live = `live_${randomBytes(4).toString("hex")}`;
    await made(`${live}_replaced_old`, `greenlight: replaced ${live} at 2026-05-03T11:59:00.000Z`);
    await made(`${live}_replaced_new`, `greenlight: replaced ${live} at 2026-05-03T12:01:00.000Z`);
    await made(`${live}_other`, "kept by hand");
    await made(`${live}_else`, `greenlight: replaced ${live}_else at 2020-01-01T00:00:00.000Z`);
    const [seen] = await replaced(given(live, 168), now, signal);
    expect(seen).toMatchObject({
      id: "replaced",
      result: "passed",
      observed: `kept: ${live}_replaced_new until 2026-05-10T12:01:00.000Z; dropped: ${live}_replaced_old`,
    });
    const left = await query(
      admin,
      `select datname from pg_database where starts_with(datname, '${live}') order by 1`,
    );
    expect(left).toEqual([[`${live}_else`], [`${live}_other`], [`${live}_replaced_new`]]);
  });

  it("is not looked for where the stack has no database, and is none where nothing was replaced", async () => {
    expect(await replaced({ ...given("x", 1), database: undefined }, now, signal)).toEqual([]);
    expect(await replaced(given(`live_${randomBytes(4).toString("hex")}`, 1), now, signal)).toMatchObject([
      { result: "notApplicable" },
    ]);
  });

  it("stays for 0 to 8760 hours", () => {
    expect(inputFaults(step, given("x", 0))).toEqual([]);
    expect(inputFaults(step, given("x", 8760))).toEqual([]);
    expect(inputFaults(step, given("x", 8761))).toHaveLength(1);
  });
});
