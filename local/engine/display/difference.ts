// In short how a resource differs from what it was: `[diff: +added-removed~changed]`, top-level properties only.
import type { StepMetadata } from "../types.ts";
import { CHANGE_MARKS, type Change, changedKeys } from "./values.ts";

/** Empty when nothing that a person wrote is known to differ. */
export function differenceText({ op, old, new: now, diffs, detailedDiff }: StepMetadata): string {
  if (op === "same" || !old || !now) return "";
  const changes = new Map<string, Change>(
    detailedDiff ? toldChanges(detailedDiff) : changedKeys(old.inputs, now.inputs),
  );
  if (old.provider !== now.provider) changes.set("provider", "update");
  if ((old.protect ?? false) !== (now.protect ?? false)) changes.set("protect", "update");
  const shown = [...changes].filter(
    ([key, change]) => change !== "same" && !key.startsWith("__") && (!diffs?.length || diffs.includes(key)),
  );
  const parts = (["add", "delete", "update"] as const).map((kind) => {
    const keys = shown.filter(([, change]) => change === kind).map(([key]) => key);
    return keys.length > 0 ? `${CHANGE_MARKS[kind]}${keys.sort().join(",")}` : "";
  });
  return shown.length > 0 ? `[diff: ${parts.join("")}]` : "";
}

/** A path into a property changes that property. */
function toldChanges(told: NonNullable<StepMetadata["detailedDiff"]>): [string, Change][] {
  return Object.entries(told).map(([path, { diffKind }]) => {
    const [whole = path, quoted, plain] = /^(?:\["((?:[^"\\]|\\.)*)"\]|([^.[]+))/.exec(path) ?? [];
    const kind = diffKind.startsWith("add") ? "add" : diffKind.startsWith("delete") ? "delete" : "update";
    return [quoted ?? plain ?? path, whole === path ? kind : "update"];
  });
}
