// The queue worker, whole: two replicas deployed and proven, a second update without a change, and a release that is wrong in
// many ways.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../report/report.ts";
import { boxesOf, gapsOf, type System, startSystem, untickedBy } from "./support/system.ts";

const MINUTES = 60_000;

/** What is wrong with the release, and the boxes that it must un-tick. */
const WRONG: [fault: string, boxes: string[]][] = [
  ["retry-early", ["009", "010", "058"]],
  ["error-tracking-off", ["008", "054", "077", "096"]],
  ["done-twice", ["121"]],
  ["too-many-at-once", ["049", "121"]],
  ["slow-overhead", ["117", "118", "122", "123"]],
  ["metrics-wrong", ["080"]],
  ["metrics-missing", ["074", "079", "081", "082", "083", "084", "085"]],
  ["flag-ignored", ["056", "129"]],
  ["erase-off", ["111"]],
  ["purge-off", ["112"]],
];

describe("the queue worker", { timeout: 8 * MINUTES }, () => {
  let system: System;
  let first: Report;

  beforeAll(async () => {
    system = await startSystem("queue-worker");
    first = await system.release();
  }, 8 * MINUTES);
  afterAll(() => system.destroy(), 2 * MINUTES);

  it("is proven by its first deployment, on both replicas", () => {
    expect(first.errors).toEqual([]);
    expect(first.verdict).toBe("proven");
    expect(first.steps.filter(({ result }) => result !== "passed").map(({ name }) => name)).toEqual([]);
    const version = first.steps
      .flatMap(({ observations }) => observations)
      .find(({ id }) => id === "version");
    expect(version?.observed).toContain("on 2 of 2");
  });

  it("judges all 164 boxes, none by an observation that nobody makes", () => {
    expect(first.checklist?.counts.total).toBe(164);
    expect(boxesOf(first, "proven").length).toBeGreaterThanOrEqual(75);
    expect(gapsOf(first)).toEqual([]);
  });

  it("changes nothing when nothing changed", async () => {
    const second = await system.release();
    expect(second.verdict).toBe("proven");
    expect(Object.keys(second.changes).sort()).toEqual(["same", "update"]);
    const ran = second.steps.filter((step) => step.ran).map(({ name }) => name);
    for (const step of ["backup", "rehearsal", "migration", "release", "smoke", "latency"])
      expect(ran).not.toContain(step);
    expect(boxesOf(second, "proven")).toEqual(boxesOf(first, "proven"));
  });

  it("loses exactly the boxes of what is wrong with a release", async () => {
    const wrong = await system.release(WRONG.map(([fault]) => fault));
    expect(wrong.verdict).toBe("failed");
    const expected = new Set(WRONG.flatMap(([, boxes]) => boxes.map((box) => `003-${box}`)));
    expect(untickedBy(wrong, first).sort()).toEqual([...expected].sort());
  });
});
