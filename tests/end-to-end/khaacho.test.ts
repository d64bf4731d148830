// Khaacho, whole: deployed and proven, a second update without a change, and a release that is wrong in many ways.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../report/report.ts";
import { boxesOf, gapsOf, type System, startSystem, untickedBy } from "./support/system.ts";

const MINUTES = 60_000;

/** What is wrong with the release, and the boxes that it must un-tick. */
const WRONG: [fault: string, boxes: string[]][] = [
  ["login-any", ["051"]],
  ["order-total", ["052"]],
  ["routing-dearest", ["053"]],
  ["payment-balance", ["054"]],
  ["credit-score", ["055"]],
  ["whatsapp-verify-any", ["018", "056"]],
  ["worker-missing", ["024", "048", "057", "067"]],
  ["sql-injection", ["032"]],
  ["markup", ["033"]],
];

describe("Khaacho", { timeout: 6 * MINUTES }, () => {
  let system: System;
  let first: Report;

  beforeAll(async () => {
    system = await startSystem("khaacho");
    first = await system.release();
  }, 6 * MINUTES);
  afterAll(() => system.destroy(), 2 * MINUTES);

  it("is proven by its first deployment", () => {
    expect(first.errors).toEqual([]);
    expect(first.verdict).toBe("proven");
    expect(first.steps.filter(({ result }) => result !== "passed").map(({ name }) => name)).toEqual([]);
  });

  it("judges all 91 boxes, none by an observation that nobody makes", () => {
    expect(first.checklist?.counts.total).toBe(91);
    expect(boxesOf(first, "proven").length).toBeGreaterThanOrEqual(60);
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
    const expected = new Set(WRONG.flatMap(([, boxes]) => boxes.map((box) => `004-${box}`)));
    expect(untickedBy(wrong, first).sort()).toEqual([...expected].sort());
  });
});
