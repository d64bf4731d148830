// What came true, what an operator reads, and that a failing step says it by itself.
import { describe, expect, it } from "vitest";
import { execute } from "../../../checks/step/host.ts";
import { decisionLine, firedTriggers, type SeenStep } from "../../../checks/triggers/fired.ts";

const step = (name: string, result: string, more: Partial<SeenStep> = {}): SeenStep => ({
  name,
  result,
  observations: [{ id: "seed", result, expected: "5 rows", observed: "3 rows" }],
  facts: {},
  ...more,
});
const lost = { name: "data-lost", kind: "immediate" as const, when: ["rows#seed", "schema"] };

describe("triggers that came true", () => {
  it("name what was seen and wanted", () => {
    expect(firedTriggers([lost], [step("rows", "failed"), step("schema", "passed")])).toEqual([
      { name: "data-lost", kind: "immediate", figures: ["rows#seed: 3 rows, want 5 rows"] },
    ]);
  });

  it.each(["passed", "inconclusive", "notApplicable"])("are none when what they look at is %s", (result) => {
    expect(firedTriggers([lost], [step("rows", result)])).toEqual([]);
  });

  it("are those of an observation, too, each with its kind", () => {
    const watched = step("observation", "failed", {
      observations: [
        {
          id: "update-errors",
          result: "failed",
          expected: "errors at most 5 %",
          observed: "12 %, 3 samples; immediate rollback trigger",
        },
      ],
      facts: { breaches: [{ observation: "update-errors", trigger: "immediate", observed: "12 %" }] },
    });
    expect(firedTriggers([], [watched])).toEqual([
      {
        name: "update-errors",
        kind: "immediate",
        figures: ["observation#update-errors: 12 %, 3 samples, want errors at most 5 %"],
      },
    ]);
  });

  it("are those that the last step found where the step concerned goes on in spite of its failure", () => {
    const end = step("triggers", "failed", {
      observations: [{ id: "data-lost", result: "failed", expected: "armed", observed: "fired: rows#seed" }],
    });
    expect(firedTriggers([lost], [end])).toMatchObject([{ name: "data-lost" }]);
  });

  it("give the command, or the question with both commands", () => {
    const fired = { name: "slow", figures: ["latency#p95: 2 s, want at most 1 s"] };
    expect(decisionLine({ ...fired, kind: "immediate" }, "production")).toBe(
      'immediate rollback trigger "slow" came true: latency#p95: 2 s, want at most 1 s. Go back now: npx greenlight rollback -s production',
    );
    expect(decisionLine({ ...fired, kind: "conditional" }, "production")).toBe(
      'conditional rollback trigger "slow" came true: latency#p95: 2 s, want at most 1 s. Go back or stay? To go back: npx greenlight rollback -s production. To stay: mend the cause, then npx greenlight up -s production',
    );
  });
});

describe("a step that fails", () => {
  const failing = (when: string[]) => ({
    kind: "health",
    name: "health",
    targets: [{ name: "app", url: "http://127.0.0.1:1/" }],
    withinSeconds: 1,
    onFailure: [
      {
        kind: "triggered",
        inputs: { stack: "production", triggers: [{ name: "down", kind: "immediate", when }] },
        outcomeAs: "failed",
      },
    ],
  });

  it("says which trigger came true and the command, so that a plain pulumi up says it", async () => {
    await expect(execute(failing(["health"]), undefined, undefined)).rejects.toThrow(
      /immediate rollback trigger "down" came true: health#app: .*Go back now: npx greenlight rollback -s production$/s,
    );
  });

  it("says nothing of triggers that look at other steps", async () => {
    const error = await execute(failing(["rows"]), undefined, undefined).catch((e: Error) => e.message);
    expect(error).not.toContain("trigger");
  });
});
