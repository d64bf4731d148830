// What is told of backups by plan, and when the next one is due. That they are really made is shown end to end.
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { dueAt } from "../../agent/scheduled-backup.ts";
import { type BackupReport, storeReport } from "../../checks/scheduled-backup/reports.ts";
import { judgeReport, step } from "../../checks/scheduled-backup.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { runStep } from "./support/run-step.ts";

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
  facts: { key: "backups/orders/2026", sizeBytes: 6 },
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
  const { observations } = await judgeReport(given, change && { ...report, ...change }, now, 6);
  return observations.filter(({ result }) => result !== "passed").map(({ id }) => id);
}

describe("the newest backup of a plan", () => {
  it("is planned, fresh, restored and kept", async () => {
    const { observations, facts } = await judgeReport(given, report, now, 6);
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
    ["is made by a clock that goes wrong", { finishedAt: "2036-03-02T02:01:00.000Z" }, ["fresh", "restored"]],
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

  it("is kept only while the bucket has it, whatever its report said", async () => {
    Object.assign(process.env, servicesEnvironment(await sharedServices()));
    const s3 = new S3Client({});
    const signal = AbortSignal.timeout(60_000);
    const place = { bucket: "scheduled-backup-kept", database: "orders" };
    const object = { Bucket: place.bucket, Key: "backups/orders/2026" };
    await s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
    await s3.send(new PutObjectCommand({ ...object, Body: "backup" }));
    await storeReport(s3, place, report, signal);
    const kept = async () => (await runStep(step, { ...given, ...place })).seen("kept");
    expect(await kept()).toMatchObject({ result: "passed" });
    await s3.send(new PutObjectCommand({ ...object, Body: "other" }));
    expect(await kept()).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^5 bytes there, 6 made/),
    });
    await s3.send(new DeleteObjectCommand(object));
    expect(await kept()).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^no backup there/),
    });
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

  it.each([
    "passed",
    "failed",
  ] as const)("is due at once where the last one %s in a future that a clock told", (result) => {
    const startedAt = new Date(Date.now() + 2 * 3_600_000).toISOString();
    expect(dueAt(CRON, { cron: CRON, startedAt, result }).getTime()).toBe(0);
  });

  it("is due an hour after one that failed", () => {
    expect(dueAt(CRON, { ...report, result: "failed" }).toISOString()).toBe("2026-03-02T03:00:00.000Z");
  });
});
