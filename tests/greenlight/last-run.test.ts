import { describe, expect, it } from "vitest";
import { lastRun, lastUpdate } from "../../greenlight/last-run.ts";
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

/** A step in a state, as `pulumi stack export` has it. */
const resource = (name: string, hour: number, dependencies: string[] = [], initErrors?: string[]) => ({
  urn: `urn:pulumi:local::orders::pulumi-nodejs:dynamic/greenlight:Step::${name}`,
  type: "pulumi-nodejs:dynamic/greenlight:Step",
  outputs: step(name, hour, name === "record" ? { previousKey: null } : {}),
  dependencies: dependencies.map(
    (one) => `urn:pulumi:local::orders::pulumi-nodejs:dynamic/greenlight:Step::${one}`,
  ),
  ...(initErrors && { initErrors }),
});

describe("the last update", () => {
  it("came to no step that waits for one that failed, whose evidence is of an earlier update", () => {
    const resources = [
      resource("backup", 8),
      resource("smoke", 11, ["backup"], ["automation: failed"]),
      resource("security", 9, ["smoke"]),
      resource("record", 9, ["security"]),
    ];
    const { visited, planned, errors, finishedAt, startedAt } = lastUpdate({ resources });
    expect([...visited]).toEqual(["backup", "smoke"]);
    expect(planned.map(({ name }) => name)).toEqual(["backup", "smoke", "security", "record"]);
    expect(errors).toEqual(["automation: failed"]);
    expect([startedAt, finishedAt].map((at) => at.getUTCHours())).toEqual([11, 11]);
  });

  it("came to all of them where none failed", () => {
    const resources = [resource("backup", 8), resource("record", 9, ["backup"])];
    expect([...lastUpdate({ resources }).visited]).toEqual(["backup", "record"]);
  });
});
