// What is to be done about one resource, decided from what it was, what the program wants and how its provider
// compares the two. Pure: no provider is called, nothing is changed.
import type { PropertyMap, ResourceState, Value } from "../types.ts";
import type { Goal } from "./goal.ts";
import { applyReplaceOnChanges, type Diff, forcedReplacement, isReplacement } from "./property-diff.ts";
import { parsePath, resetPath } from "./property-path.ts";
import { containsUnknowns, equal, withoutSecrets } from "./values.ts";

/** The outcome of planning one existing resource. */
export type Plan =
  | { kind: "same" }
  | { kind: "update"; diff: Diff }
  | { kind: "replace"; diff: Diff; deleteBeforeReplace: boolean };

/**
 * Same, update or replace. @param diff the provider's answer, changes decided (never `unknown`)
 * @param triggered the replacement trigger changed
 */
export function planFromDiff(old: ResourceState, goal: Goal, diff: Diff, triggered: boolean): Plan {
  const hasInitErrors = old.initErrors.length > 0;
  const judged = applyReplaceOnChanges(diff, goal.replaceOnChanges, hasInitErrors);
  if (judged.changes === "some" || old.pendingReplacement) {
    if (triggered || old.pendingReplacement || isReplacement(judged)) {
      const deleteBeforeReplace = goal.deleteBeforeReplace ?? judged.deleteBeforeReplace;
      return { kind: "replace", diff: judged, deleteBeforeReplace };
    }
    return { kind: "update", diff: judged };
  }
  return hasInitErrors ? { kind: "update", diff: judged } : { kind: "same" };
}

/** Why a resource is replaced without asking its provider; undefined: ask. */
export function forcedBy(
  goal: Goal,
  taintedOrNamed: boolean,
  isReplaced: (urn: string) => boolean,
): Diff | undefined {
  if (taintedOrNamed) return forcedReplacement(["id"]);
  if (goal.replaceWith.some(isReplaced)) return forcedReplacement(["replaceWith"]);
  if (goal.deletedWith && isReplaced(goal.deletedWith)) return forcedReplacement(["deletedWith"]);
  return undefined;
}

/** True when the trigger says replace: both are set and differ, or one is not known. */
export function triggersReplacement(old: Value | undefined, next: Value | undefined): boolean {
  const before = withoutSecrets(old ?? null);
  const after = withoutSecrets(next ?? null);
  if (containsUnknowns(before) || containsUnknowns(after)) return true;
  if (before === null || after === null) return false;
  return !equal(before, after);
}

/** Inputs with the ignored paths as they were, and the paths for which that cannot be done. */
export function withIgnoredChanges(
  inputs: PropertyMap,
  oldInputs: PropertyMap,
  paths: string[],
): { inputs: PropertyMap; impossible: string[] } {
  const impossible: string[] = [];
  let kept = inputs;
  for (const path of paths) {
    const reset = resetPath(parsePath(path), oldInputs, kept);
    if (reset) kept = reset;
    else impossible.push(path);
  }
  return { inputs: kept, impossible };
}

/** True when the resource is to be brought in by its id instead of being created. */
export function isImport(goal: Goal, old: ResourceState | undefined): boolean {
  if (!goal.custom || !goal.importId) return false;
  return !old || old.external === true || (old.importID ?? old.id) !== goal.importId;
}

/** Why a planned replacement must not happen; undefined: it may. */
export function replacementRefused(old: ResourceState, next: ResourceState): string | undefined {
  if (!old.protect || !next.protect) return undefined;
  return (
    `unable to replace resource "${next.urn}"\n` +
    "as it is currently marked for protection. To unprotect the resource, remove the `protect` flag from the " +
    "resource in your Pulumi program and run `pulumi up`"
  );
}
