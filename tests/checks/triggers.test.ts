import { describe, expect, it } from "vitest";
import { judgeTrigger } from "../../checks/triggers/judge.ts";

const trigger = { name: "data-lost", kind: "immediate" as const, when: ["rows", "backup#data-equal"] };
const steps = (rows: string, equal: string) => ({
  rows: { result: rows, observations: [{ id: "seed", result: rows }] },
  backup: {
    result: equal,
    observations: [
      { id: "data-equal", result: equal },
      { id: "size", result: "failed" },
    ],
  },
});

describe("a trigger", () => {
  it("is armed and has not fired when all it looks at passed, whatever else failed", () => {
    expect(judgeTrigger(trigger, steps("passed", "passed"))).toMatchObject({
      id: "data-lost",
      result: "passed",
      observed: "2 observations, none failed",
    });
  });

  it("fires on one failed observation and names it", () => {
    expect(judgeTrigger(trigger, steps("passed", "failed"))).toMatchObject({
      result: "failed",
      observed: "fired: backup#data-equal failed",
    });
  });

  it("fires on a step that failed before it could look", () => {
    const none = { ...steps("passed", "passed"), rows: { result: "failed", observations: [] } };
    expect(judgeTrigger(trigger, none)).toMatchObject({ result: "failed", observed: "fired: rows failed" });
  });

  it.each(["notApplicable", "inconclusive"])("is not armed on what is %s", (result) => {
    expect(judgeTrigger(trigger, steps("passed", result))).toMatchObject({
      result: "inconclusive",
      observed: "backup#data-equal observed nothing",
    });
  });

  it("does not wait in a rollback for what only a release looks at, and for nothing else", () => {
    const { rows } = steps("passed", "passed");
    expect(judgeTrigger(trigger, { rows }, false).result).toBe("inconclusive");
    expect(judgeTrigger(trigger, { rows }, true)).toMatchObject({
      result: "passed",
      observed: "1 observations, none failed",
    });
    expect(judgeTrigger({ ...trigger, when: ["latency#health-baseline"] }, { rows }, true)).toMatchObject({
      result: "notApplicable",
      observed: "a rollback does not look at latency#health-baseline",
    });
    // As a comparison with a baseline says it.
    expect(
      judgeTrigger({ ...trigger, when: ["backup#data-equal"] }, steps("passed", "notApplicable"), true),
    ).toMatchObject({
      result: "notApplicable",
    });
    expect(judgeTrigger(trigger, steps("passed", "inconclusive"), true).result).toBe("inconclusive");
    expect(judgeTrigger(trigger, { ...steps("failed", "passed") }, true).result).toBe("failed");
  });
});
