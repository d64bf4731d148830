// Whether the way back is prepared, from what was looked at: pure.
import { describe, expect, it } from "vitest";
import { judgePrepared } from "../../checks/rollback/run.ts";
import type { Observation, Result } from "../../checks/step/definition.ts";

const seen = (id: string, result: Result): Observation => ({
  id,
  result,
  expected: "",
  observed: `${id} seen`,
});
const none = ["down-files", "backup", "target", "project", "duration"].map((id) => seen(id, "notApplicable"));
const judged = (ways: Observation[], first: boolean) => {
  const { result, observed } = judgePrepared(ways, first);
  return `${result}: ${observed}`;
};

describe("a way back", () => {
  it("is no question at the first release of a stack, which has nothing to go back to", () => {
    expect(judged(none, true)).toBe(
      "notApplicable: no other release is on record: from this first one the way back is to take it away",
    );
  });

  it("has to be there afterwards", () => {
    expect(judged(none, false)).toBe("failed: nothing was tried");
    expect(judged([...none, seen("duration", "passed")], false)).toBe("failed: duration: duration seen");
  });

  it("is prepared by whatever was tried, also at the first release, unless something speaks against it", () => {
    expect(judged([...none, seen("backup", "passed")], true)).toBe("passed: backup: backup seen");
    expect(judged([...none, seen("target", "passed")], false)).toBe("passed: target: target seen");
    const spoilt = [seen("backup", "failed"), seen("target", "passed")];
    expect(judged(spoilt, true)).toBe("failed: backup: backup seen");
    expect(judged(spoilt, false)).toBe("failed: backup: backup seen");
  });
});
