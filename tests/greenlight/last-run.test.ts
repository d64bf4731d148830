import { describe, expect, it } from "vitest";
import { lastRun } from "../../greenlight/last-run.ts";
import type { StepReport } from "../../report/steps.ts";

const step = (name: string, hour: number, facts: StepReport["facts"] = {}): StepReport => ({
  ...{ name, kind: name, result: "passed", observations: [], facts, durationSeconds: 60 },
  startedAt: `2026-05-04T${String(hour).padStart(2, "0")}:00:00.000Z`,
  finishedAt: `2026-05-04T${String(hour).padStart(2, "0")}:01:00.000Z`,
});
const previousKey = "records/orders/production/2026-05-04T09-12-33-120Z-0a1b2c.json";

describe("the steps that the last update ran", () => {
  it("are those that began after the record before it", () => {
    const steps = [step("backup", 8), step("smoke", 10), step("record", 11, { previousKey })];
    expect([...lastRun(steps)]).toEqual(["smoke", "record"]);
  });

  it("are those that came after the last record when the update did not come to its own", () => {
    const steps = [step("backup", 8), step("record", 9, { previousKey: null }), step("health", 10)];
    expect([...lastRun(steps)]).toEqual(["health"]);
  });

  it("are all of them in the first update, and where nothing is recorded", () => {
    expect(lastRun([step("backup", 8), step("record", 9, { previousKey: null })]).size).toBe(2);
    expect(lastRun([step("backup", 8), step("health", 9)]).size).toBe(2);
  });
});
