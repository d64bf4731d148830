// Releases over time from records built by hand: deployments, failures, rollbacks, and the figures that follow.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { lineOf } from "../../greenlight/commands/history.ts";
import { report } from "../../greenlight/commands/report.ts";
import { historyOf } from "../../greenlight/records/history.ts";
import { renderHistoryTable } from "../../report/history-words.ts";

const HOUR = 3600;
const time = (hour: number, seconds = 0) =>
  new Date(Date.UTC(2026, 4, 4) + (hour * HOUR + seconds) * 1000).toISOString();
const keyOf = (hour: number) =>
  `records/orders/production/${time(hour).replaceAll(/[:.]/g, "-")}-0a1b2c.json`;

/** A run that was recorded at this hour, whose named steps ran in the minute before. */
function run(hour: number, release: string, ran: string[], more: object = {}): StoredRecord {
  const step = { result: "passed", observations: [], facts: {}, finishedAt: time(hour) };
  const document = recordDocument().parse({
    ...{ version: 2, system: "orders", stack: "production", release, commit: "", previous: null },
    recordedAt: time(hour),
    parts: { release },
    steps: {
      // Steps that did not run again kept their times.
      backup: { ...step, startedAt: time(0, 1) },
      ...Object.fromEntries(ran.map((name) => [name, { ...step, startedAt: time(hour, -60) }])),
    },
    ...more,
  });
  return { key: keyOf(hour), sha256: "", document };
}
const failed = (step: string) => ({
  result: "failed",
  failure: { step, messages: ["503"] },
  startedAt: time(0, -1),
});
const back = (to: number, undoes: number) => ({
  rollback: { to: keyOf(to), undoes: keyOf(undoes), seconds: 120 },
});
const commits = (...hours: number[]) => ({
  commits: hours.map((hour) => ({ id: `c${hour}`, committedAt: time(hour) })),
});
const kindsOf = (records: StoredRecord[]) =>
  historyOf(records, new Date(time(0)), new Date(time(168))).releases.map(({ kind, result, undoneBy }) => [
    kind,
    result,
    undoneBy !== null,
  ]);
const doraOf = (records: StoredRecord[]) => historyOf(records, new Date(time(0)), new Date(time(168))).dora;

const first = run(1, "1.0.0", ["backup", "release"], commits(0));

describe("a line of the history", () => {
  it("counts no box as settled that is still to be judged", () => {
    const counts = { total: 62, proven: 49, pending: 12, open: 1 };
    const { key, document } = run(1, "1.0.0", [], { boxes: { counts, verdicts: {} } });
    expect(lineOf({ key, document })).toContain("  49/62 boxes");
    expect(lineOf(first)).not.toContain("boxes");
  });
});

describe("what a run was", () => {
  it("is a deployment when it changed what runs, and a proof when it only looked again", () => {
    const again = run(2, "1.0.0", ["health", "smoke"]);
    const settings = run(3, "1.0.0", ["health"], { parts: { release: "1.0.0", settings: "other" } });
    expect(kindsOf([first, again, settings])).toEqual([
      ["deployment", "passed", false],
      ["proof", "passed", false],
      ["deployment", "passed", false],
    ]);
  });

  it("is stopped when it failed before anything was changed, and a failed deployment afterwards", () => {
    const stopped = run(2, "2.0.0", ["preflight"], failed("preflight"));
    const broken = run(3, "2.0.0", ["preflight", "release", "health"], failed("health"));
    expect(kindsOf([first, stopped, broken])).toEqual([
      ["deployment", "passed", false],
      ["stopped", "failed", false],
      ["deployment", "failed", false],
    ]);
  });

  it("is a rollback that undoes the deployment of its release, also when that was proven again since", () => {
    const second = run(2, "2.0.0", ["release"]);
    const proof = run(3, "2.0.0", ["health"]);
    expect(kindsOf([first, second, proof, run(4, "1.0.0", ["release"], back(1, 3))])).toEqual([
      ["deployment", "passed", false],
      ["deployment", "passed", true],
      ["proof", "passed", false],
      ["rollback", "passed", false],
    ]);
  });

  it("does not undo a release by a rollback that failed", () => {
    const broken = run(3, "1.0.0", ["reversal"], { ...back(1, 2), ...failed("reversal") });
    expect(kindsOf([first, run(2, "2.0.0", ["release"]), broken]).at(1)).toEqual([
      "deployment",
      "passed",
      false,
    ]);
  });

  it("takes as long as from the first thing that it did itself to its record", () => {
    const { releases } = historyOf(
      [first, run(2, "1.0.0", ["health"])],
      new Date(time(0)),
      new Date(time(3)),
    );
    expect(releases.map(({ durationSeconds }) => durationSeconds)).toEqual([60, 60]);
    const undone = historyOf(
      [first, run(2, "1.0.0", ["release"], back(1, 1))],
      new Date(time(0)),
      new Date(time(3)),
    );
    expect(undone.releases.at(1)?.durationSeconds).toBe(120);
  });
});

describe("the DORA figures", () => {
  it("count deployments a week, those that failed or were undone, and leave out stops, proofs and rollbacks", () => {
    const records = [
      first,
      run(2, "2.0.0", ["preflight"], failed("preflight")),
      run(3, "2.0.0", ["release"], failed("smoke")),
      run(5, "2.0.1", ["release"]),
      run(6, "2.0.1", ["health"]),
      run(8, "3.0.0", ["release"]),
      run(9, "2.0.1", ["release"], back(5, 8)),
    ];
    expect(doraOf(records)).toMatchObject({
      deployments: 4,
      perWeek: 4,
      changeFailure: { failed: 2, rate: 0.5 },
      // From the failure at 3 to the fix at 5, and from the release at 8 to the rollback at 9; the median is the lower one.
      restore: { ended: 2, open: 0, medianSeconds: HOUR },
    });
  });

  it("count several failures in a row as one, and one that nothing ended as open", () => {
    const broken = [
      run(3, "2.0.0", ["release"], failed("health")),
      run(4, "2.0.0", ["release"], failed("health")),
    ];
    expect(doraOf([first, ...broken, run(7, "2.0.1", ["release"])]).restore).toEqual({
      ended: 1,
      open: 0,
      medianSeconds: 4 * HOUR,
    });
    expect(doraOf([first, ...broken]).restore).toEqual({ ended: 0, open: 1, medianSeconds: null });
  });

  it("take lead times from each commit to the deployment that brought it", () => {
    const second = run(10, "2.0.0", ["release"], commits(4, 6, 9));
    expect(doraOf([first, second]).lead).toEqual({ commits: 4, medianSeconds: HOUR });
    expect(doraOf([run(1, "1.0.0", ["release"])]).lead).toEqual({ commits: 0, medianSeconds: null });
  });

  it("are of the window alone, with what came before it as what was there", () => {
    const { dora, releases } = historyOf(
      [first, run(30, "1.0.0", ["health"])],
      new Date(time(24)),
      new Date(time(48)),
    );
    expect([dora.deployments, releases.map(({ kind }) => kind)]).toEqual([0, ["proof"]]);
  });
});

describe("greenlight report --history", () => {
  it("prints a table, writes a page and its data, and prints JSON, from copies without any network", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-history-"));
    const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    try {
      const records = [
        first,
        run(3, "2.0.0", ["release"], failed("smoke")),
        run(5, "1.0.0", ["release"], back(1, 3)),
      ];
      for (const { key, document } of records)
        writeFileSync(join(folder, key.split("/").at(-1) ?? ""), JSON.stringify(document));
      const days = ["--days", "36500", "--records", folder];
      expect(await report.run(["--history", ...days, "--output", join(folder, "out")])).toBe(0);
      const table = printed.mock.calls.join("");
      expect(table).toMatch(/change failure rate {4}50 % +1 failed or undone/);
      expect(table).toMatch(/2026-05-04 05:00:00 UTC {2}1\.0\.0 {4}went back to 1\.0\.0 {2}2 min/);
      expect(table).toContain("failed at smoke");
      expect(readFileSync(join(folder, "out", "history.html"), "utf8")).toContain("failed at smoke");
      printed.mockClear();
      await report.run(["--history", ...days, "--json"]);
      expect(JSON.parse(String(printed.mock.calls[0]?.[0]))).toMatchObject({
        system: "orders",
        dora: { deployments: 2, restore: { ended: 1, medianSeconds: 2 * HOUR } },
      });
    } finally {
      printed.mockRestore();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("wants to know where the records are", async () => {
    await expect(report.run(["--history"])).rejects.toThrow("either --stack or --records");
    await expect(report.run(["--history", "--records", "x", "--days", "-1"])).rejects.toThrow("--days");
  });

  it("has a table for no record at all", () => {
    expect(renderHistoryTable(historyOf([], new Date(time(0)), new Date(time(1))))).toContain(
      "0 deployments",
    );
  });
});
