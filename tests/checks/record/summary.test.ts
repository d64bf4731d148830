// What a record gathers from its steps: pure.
import { describe, expect, it } from "vitest";
import { durationsOf, expectedSeconds } from "../../../checks/record/duration.ts";
import { backupOf, flagsOf, leftBy } from "../../../checks/record/summary.ts";

const step = (result: string, facts: { [name: string]: unknown } = {}, passed: string[] = []) => ({
  result,
  facts,
  observations: passed.map((id) => ({ id, result: "passed" })),
});

describe("a record", () => {
  it("has the flags before and after", () => {
    const quiesce = step("passed", { flags: { sync: "on" } });
    expect(flagsOf({ quiesce, resume: step("passed", { flags: { sync: "off" } }) })).toEqual({
      before: { sync: "on" },
      after: { sync: "off" },
    });
    expect(flagsOf({ quiesce })).toEqual({ before: { sync: "on" }, after: null });
    expect(flagsOf({})).toBeNull();
  });

  it.each([
    [["exists", "bytes-match", "listable", "restored", "data-equal"], "data-equal"],
    [["exists", "bytes-match", "listable", "data-equal"], "listable"],
    [["bytes-match"], null],
  ])("has the backup with the level that all below it reached: %j", (passed, verified) => {
    const facts = { key: "backups/a", versionId: "v1", sha256: "abc" };
    expect(backupOf({ backup: step("failed", facts, passed) })).toEqual({ ...facts, verified });
  });

  it("has no backup where none was made", () => {
    expect(backupOf({})).toBeNull();
    expect(backupOf({ backup: step("failed") })).toBeNull();
  });

  it("says what a failed deployment left in which state", () => {
    const steps = {
      quiesce: step("passed"),
      migration: { ...step("passed"), ran: false },
      release: step("failed"),
    };
    expect(leftBy(steps, ["site", "resume", "smoke"])).toEqual({
      quiesce: "done",
      migration: "unchanged",
      release: "stopped: what it does is partly done or undone; run it again or go back",
      site: "not reached: as before",
      resume: "not reached: as before",
    });
  });

  it("tells how long the way back takes, without what a rollback does not do", () => {
    const timed = (durationSeconds: number, finishedAt: string) => ({
      ...step("passed"),
      observations: [],
      facts: {},
      startedAt: "",
      finishedAt,
      durationSeconds,
    });
    const steps = {
      release: timed(4, "b"),
      backup: timed(2.4, "a"),
      rehearsal: timed(60, "a"),
      build: timed(9, "a"),
    };
    expect(Object.entries(durationsOf({ steps }))).toEqual([
      ["backup", 2.4],
      ["release", 4],
    ]);
    expect(expectedSeconds({ steps })).toBe(6);
  });
});
