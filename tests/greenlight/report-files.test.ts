// A report's files where they cannot be written, as on a full disk.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { keepReport, saveReport } from "../../greenlight/report-files.ts";
import { assemble } from "../../report/report.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-report-files-"));
writeFileSync(join(folder, ".greenlight"), "a file where the folder would be");
afterAll(() => rmSync(folder, { recursive: true }));

const report = () =>
  assemble({
    system: "orders",
    stack: "production",
    release: "1.2.0",
    engine: "test",
    changes: {},
    outputs: {},
    startedAt: new Date(0),
    finishedAt: new Date(1000),
    steps: [],
    planned: [],
    visited: new Set(),
    ran: new Set(),
    errors: [],
  });

it("names the folder and what to do", async () => {
  const blocked = join(folder, ".greenlight", "orders");
  await expect(saveReport(report(), blocked)).rejects.toThrow(
    `report folder "${blocked}": cannot be written to (ENOTDIR), want one that can; name it to greenlight report with --output`,
  );
});

it("notes it after an update, which keeps its verdict", async () => {
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  const proven = report();
  expect(await keepReport(proven)).toEqual([]);
  expect(proven.errors).toEqual([]);
  expect(proven.notes).toEqual([
    expect.stringMatching(/^report folder ".*": cannot be written to \(ENOTDIR\)/),
  ]);
});

it.runIf(process.platform === "linux")(
  "is refused by a file system that makes no folders, which Node would ask without end",
  async () => {
    const nowhere = "/proc/reports/orders";
    await expect(saveReport(report(), nowhere)).rejects.toThrow(
      `report folder "${nowhere}": cannot be written to (ENOENT), want one that can`,
    );
  },
);

it("makes the folders that are missing on the way", async () => {
  const made = join(folder, "a", "b", "c");
  expect(await saveReport(report(), made)).toHaveLength(4);
  expect(await saveReport(report(), made)).toHaveLength(4);
});
