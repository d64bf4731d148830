import { describe, expect, it } from "vitest";
import type { Goal } from "../../../local/engine/core/goal.ts";
import {
  forcedBy,
  isImport,
  planFromDiff,
  replacementRefused,
  triggersReplacement,
  withIgnoredChanges,
} from "../../../local/engine/core/plan.ts";
import { compareInputs, type Diff, inverted, noDiff } from "../../../local/engine/core/property-diff.ts";
import { makeSecret } from "../../../local/engine/core/values.ts";
import { UNKNOWN } from "../../../local/engine/types.ts";
import { stateNamed, urnNamed } from "./state.ts";

function goal(rest: Partial<Goal> = {}): Goal {
  return {
    type: "a:b:C",
    name: "n",
    custom: true,
    properties: {},
    dependencies: [],
    propertyDependencies: {},
    ignoreChanges: [],
    additionalSecretOutputs: [],
    aliases: [],
    replaceOnChanges: [],
    replaceWith: [],
    hideDiff: [],
    ...rest,
  };
}

const some = (rest: Partial<Diff> = {}): Diff => ({ ...noDiff(), changes: "some", ...rest });
const old = stateNamed("n");

describe("planFromDiff", () => {
  it("keeps a resource that does not differ", () => {
    expect(planFromDiff(old, goal(), noDiff(), false)).toEqual({ kind: "same" });
  });

  it("updates one that differs, and replaces one for which keys or a detailed path ask", () => {
    expect(planFromDiff(old, goal(), some(), false).kind).toBe("update");
    expect(planFromDiff(old, goal(), some({ replaceKeys: ["k"] }), false).kind).toBe("replace");
    const detailedDiff = { k: { diffKind: "delete-replace", inputDiff: true } } as const;
    expect(planFromDiff(old, goal(), some({ detailedDiff }), false).kind).toBe("replace");
  });

  it("does not replace for keys that come together with no change", () => {
    expect(planFromDiff(old, goal(), { ...noDiff(), replaceKeys: ["k"] }, false)).toEqual({ kind: "same" });
  });

  it("replaces what is pending replacement or triggered, though nothing differs", () => {
    const pending = stateNamed("n", { pendingReplacement: true });
    expect(planFromDiff(pending, goal(), noDiff(), false).kind).toBe("replace");
    expect(planFromDiff(old, goal(), some(), true).kind).toBe("replace");
  });

  it("updates a resource that did not become ready, though nothing differs", () => {
    const unready = stateNamed("n", { initErrors: ["not ready"] });
    expect(planFromDiff(unready, goal(), noDiff(), false).kind).toBe("update");
  });

  it("replaces it when replaceOnChanges names everything, for the special key", () => {
    const unready = stateNamed("n", { initErrors: ["not ready"] });
    const plan = planFromDiff(unready, goal({ replaceOnChanges: ["*"] }), noDiff(), false);
    expect(plan).toMatchObject({ kind: "replace", diff: { replaceKeys: ["#initerror"] } });
  });

  it("replaces on changes only where paths are reported", () => {
    const wanted = goal({ replaceOnChanges: ["v"] });
    expect(planFromDiff(old, wanted, some(), false).kind).toBe("update");
    const reported = compareInputs({ v: "1" }, { v: "2" });
    expect(planFromDiff(old, wanted, reported, false)).toMatchObject({
      kind: "replace",
      diff: { replaceKeys: ["v"], detailedDiff: { v: { diffKind: "update-replace", inputDiff: true } } },
    });
  });

  it("lets the program overrule the provider on the order of a replacement", () => {
    const diff = some({ replaceKeys: ["k"], deleteBeforeReplace: true });
    expect(planFromDiff(old, goal(), diff, false)).toMatchObject({ deleteBeforeReplace: true });
    expect(planFromDiff(old, goal({ deleteBeforeReplace: false }), diff, false)).toMatchObject({
      deleteBeforeReplace: false,
    });
  });
});

describe("reasons to replace without asking", () => {
  const replaced = (urn: string) => urn === urnNamed("gone");

  it("are looked at in order: named, replaceWith, deletedWith", () => {
    const followsBoth = goal({ replaceWith: [urnNamed("gone")], deletedWith: urnNamed("gone") });
    expect(forcedBy(followsBoth, true, replaced)?.replaceKeys).toEqual(["id"]);
    expect(forcedBy(followsBoth, false, replaced)?.replaceKeys).toEqual(["replaceWith"]);
    expect(forcedBy(goal({ deletedWith: urnNamed("gone") }), false, replaced)?.replaceKeys).toEqual([
      "deletedWith",
    ]);
    expect(forcedBy(goal({ deletedWith: urnNamed("stays") }), false, replaced)).toBeUndefined();
  });

  it.each([
    [undefined, "1", false],
    ["1", undefined, false],
    ["1", "1", false],
    ["1", "2", true],
    [makeSecret("1"), "1", false],
    ["1", UNKNOWN, true],
    [undefined, { a: [UNKNOWN] }, true],
  ])("a trigger going from %j to %j replaces: %s", (before, after, replaces) => {
    expect(triggersReplacement(before, after)).toBe(replaces);
  });

  it("are stopped by protect only while it is on in state and program", () => {
    const on = stateNamed("n", { protect: true });
    expect(replacementRefused(on, on)).toContain("marked for protection");
    expect(replacementRefused(on, old)).toBeUndefined();
    expect(replacementRefused(old, on)).toBeUndefined();
  });
});

describe("the engine's own comparison", () => {
  it("opens secrets and takes null for absent", () => {
    expect(compareInputs({ a: makeSecret("x"), b: null }, { a: "x" }).changes).toBe("none");
  });

  it("names every path that differs, and its kind", () => {
    const diff = compareInputs(
      { a: 1, gone: 1, l: [1, 2], o: { x: 1 } },
      { a: UNKNOWN, new: 2, l: [1], o: { x: 2 } },
    );
    expect(diff.changedKeys).toEqual(["a", "gone", "l", "new", "o"]);
    expect(
      Object.fromEntries(
        Object.entries(diff.detailedDiff ?? {}).map(([path, { diffKind }]) => [path, diffKind]),
      ),
    ).toEqual({
      a: "update",
      gone: "delete",
      "l[1]": "delete",
      new: "add",
      "o.x": "update",
    });
  });

  it("seen from the other side swaps what was added and deleted", () => {
    const diff = inverted(compareInputs({ gone: 1 }, { new: 1 }));
    expect(diff.detailedDiff).toMatchObject({ gone: { diffKind: "add" }, new: { diffKind: "delete" } });
  });
});

describe("ignored changes", () => {
  it("put the old value back and name the paths for which that is impossible", () => {
    const { inputs, impossible } = withIgnoredChanges({ a: 2, b: { c: 1 } }, { a: 1 }, ["a", "b.c"]);
    expect(inputs).toEqual({ a: 1, b: { c: 1 } });
    expect(impossible).toEqual(["b.c"]);
  });
});

describe("an import", () => {
  it("happens once for an id, again for another id or over something read", () => {
    const wanted = goal({ importId: "x" });
    expect(isImport(wanted, undefined)).toBe(true);
    expect(isImport(wanted, stateNamed("n", { id: "x" }))).toBe(false);
    expect(isImport(wanted, stateNamed("n", { id: "y", importID: "x" }))).toBe(false);
    expect(isImport(wanted, stateNamed("n", { id: "y" }))).toBe(true);
    expect(isImport(wanted, stateNamed("n", { id: "x", external: true }))).toBe(true);
    expect(isImport(goal(), undefined)).toBe(false);
  });
});
