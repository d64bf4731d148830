// What is told of backups by plan, and when the next one is due. That they are really made is shown end to end.
import { describe, expect, it } from "vitest";
import { dueAt } from "../../agent/scheduled-backup.ts";
import type { BackupReport } from "../../checks/scheduled-backup/reports.ts";
import { judgeReport } from "../../checks/scheduled-backup.ts";

const CRON = "0 2 * * *";
const now = new Date("2026-03-02T12:00:00.000Z");
const seen = (id: string, result = "passed") => ({ id, result, expected: "", observed: `${id} as wanted` });
const report: BackupReport = {
  cron: CRON,
  startedAt: "2026-03-02T02:00:00.000Z",
  finishedAt: "2026-03-02T02:01:00.000Z",
  result: "passed",
  problem: null,
  observations: ["exists", "encrypted", "retention", "restored", "data-equal", "restore-time"].map((id) =>
    seen(id),
  ),
  facts: { key: "backups/orders/2026" },
};
const given = {
  bucket: "orders-backups",
  database: "orders",
  cron: CRON,
  maximumAgeHours: 25,
  restoredWithinDays: 31,
  withinSeconds: 0,
};

async function failedWith(change: Partial<BackupReport> | undefined): Promise<string[]> {
  const { observations } = await judgeReport(given, change && { ...report, ...change }, now);
  return observations.filter(({ result }) => result !== "passed").map(({ id }) => id);
}

describe("the newest backup of a plan", () => {
  it("is planned, fresh, restored and kept", async () => {
    const { observations, facts } = await judgeReport(given, report, now);
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "planned passed",
      "fresh passed",
      "restored passed",
      "kept passed",
    ]);
    expect(facts.nextAt).toBe("2026-03-03T02:00:00.000Z");
  });

  it.each([
    ["is of another plan", { cron: "0 4 * * *" }, ["planned"]],
    ["is too old", { finishedAt: "2026-03-01T10:59:00.000Z" }, ["fresh"]],
    ["failed", { result: "failed" as const }, ["fresh"]],
    [
      "came back with other rows",
      {
        observations: report.observations.map((o) =>
          o.id === "data-equal" ? { ...o, result: "failed" } : o,
        ),
      },
      ["restored"],
    ],
    ["was not looked at", { observations: [] }, ["restored", "kept"]],
    ["was restored too long ago", { finishedAt: "2026-01-29T02:00:00.000Z" }, ["fresh", "restored"]],
  ])("is told when it %s", async (_what, change, ids) => {
    expect(await failedWith(change)).toEqual(ids);
  });

  it("is missed when nothing ran", async () => {
    expect(await failedWith(undefined)).toEqual(["planned", "fresh", "restored", "kept"]);
  });
});

describe("the next backup", () => {
  it("is due at once where there was none", () => {
    expect(dueAt(CRON, undefined).getTime()).toBe(0);
  });

  it("is due at once where the one before was made by another plan, failed or not", () => {
    expect(dueAt("0 4 * * 0", report).getTime()).toBe(0);
    expect(dueAt("0 4 * * 0", { ...report, result: "failed" }).getTime()).toBe(0);
  });

  it("is due at the plan's next time in UTC after the last one", () => {
    expect(dueAt(CRON, report).toISOString()).toBe("2026-03-03T02:00:00.000Z");
  });

  it("is due an hour after one that failed", () => {
    expect(dueAt(CRON, { ...report, result: "failed" }).toISOString()).toBe("2026-03-02T03:00:00.000Z");
  });
});
