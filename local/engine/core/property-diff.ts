// What changed between two sets of property values, and how a provider's or the engine's own comparison is judged:
// no change, update or replacement. Pure.
import type { PropertyMap, Value } from "../types.ts";
import { contains, formatPath, type PropertyPath, parsePath } from "./property-path.ts";
import { equal, isPlainObject, mapWithoutSecrets } from "./values.ts";

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export type DetailedDiff = { [path: string]: { diffKind: DiffKind; inputDiff: boolean } };

/** The answer to "does the resource differ, and must it be replaced for that". */
export interface Diff {
  /** `unknown`: the provider leaves the comparison to the engine. */
  changes: "unknown" | "none" | "some";
  replaceKeys: string[];
  changedKeys: string[];
  detailedDiff?: DetailedDiff | undefined;
  deleteBeforeReplace: boolean;
}

/** Special key with which a resource whose creation did not finish asks for replacement. */
const INIT_ERROR = "#initerror";

export function noDiff(): Diff {
  return { changes: "none", replaceKeys: [], changedKeys: [], deleteBeforeReplace: false };
}

/** A diff that replaces for `keys`, which a provider was not asked about. */
export function forcedReplacement(keys: string[]): Diff {
  return { changes: "some", replaceKeys: keys, changedKeys: [], deleteBeforeReplace: false };
}

export function isReplacement(diff: Diff): boolean {
  if (diff.replaceKeys.length > 0) return true;
  return Object.values(diff.detailedDiff ?? {}).some(({ diffKind }) => diffKind.endsWith("-replace"));
}

/** Compares inputs, secrets opened, as the engine does for a provider that does not. */
export function compareInputs(olds: PropertyMap, news: PropertyMap): Diff {
  const detailedDiff: DetailedDiff = {};
  const changed = new Set<string>();
  compareObjects(mapWithoutSecrets(olds), mapWithoutSecrets(news), [], (path, diffKind) => {
    changed.add(String(path[0]));
    detailedDiff[formatPath(path)] = { diffKind, inputDiff: true };
  });
  if (changed.size === 0) return noDiff();
  return { ...noDiff(), changes: "some", changedKeys: [...changed].sort(), detailedDiff };
}

type Report = (path: PropertyPath, kind: DiffKind) => void;

function compareObjects(olds: PropertyMap, news: PropertyMap, path: PropertyPath, report: Report): void {
  for (const key of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compareValues(olds[key], news[key], [...path, key], report);
  }
}

function compareValues(
  old: Value | undefined,
  value: Value | undefined,
  path: PropertyPath,
  report: Report,
): void {
  if (Array.isArray(old) && Array.isArray(value)) {
    for (let index = 0; index < Math.max(old.length, value.length); index++) {
      if (index >= old.length) report([...path, index], "add");
      else if (index >= value.length) report([...path, index], "delete");
      else compareValues(old[index], value[index], [...path, index], report);
    }
  } else if (isPlainObject(old) && isPlainObject(value)) {
    compareObjects(old, value, path, report);
  } else if (!equal(old, value)) {
    report(path, (old ?? null) === null ? "add" : (value ?? null) === null ? "delete" : "update");
  }
}

/**
 * The diff with `replaceOnChanges` applied: reported paths that one of its paths contains become replacements, and a
 * resource with init errors is replaced when `*` (or the special key) is named.
 */
export function applyReplaceOnChanges(diff: Diff, replaceOnChanges: string[], hasInitErrors: boolean): Diff {
  if (replaceOnChanges.length === 0 || (diff.changes !== "some" && !hasInitErrors)) return diff;
  const wanted = replaceOnChanges.map(parsePath);
  const matches = (path: string) => {
    const parsed = parsePath(path);
    return wanted.some((outer) => contains(outer, parsed));
  };
  const replaceKeys = new Set(diff.replaceKeys);
  for (const key of diff.changedKeys) if (matches(key)) replaceKeys.add(key);
  let detailedDiff = diff.detailedDiff;
  if (detailedDiff) {
    detailedDiff = Object.fromEntries(
      Object.entries(detailedDiff).map(([path, entry]) => [path, matches(path) ? replacing(entry) : entry]),
    );
  }
  let changes = diff.changes;
  if (hasInitErrors && wanted.some((outer) => contains(outer, [INIT_ERROR]))) {
    replaceKeys.add(INIT_ERROR);
    if (detailedDiff) detailedDiff[INIT_ERROR] = { diffKind: "update-replace", inputDiff: false };
    changes = "some";
  }
  return { ...diff, changes, replaceKeys: [...replaceKeys], detailedDiff };
}

function replacing(entry: DetailedDiff[string]): DetailedDiff[string] {
  const base = entry.diffKind.replace(/-replace$/, "");
  const diffKind = base === "add" ? "add-replace" : base === "delete" ? "delete-replace" : "update-replace";
  return { ...entry, diffKind };
}

/** The diff seen from the other side: what a refresh found changed outside. */
export function inverted(diff: Diff): Diff {
  if (!diff.detailedDiff) return diff;
  const flip = { add: "delete", delete: "add", update: "update" } as const;
  const detailedDiff: DetailedDiff = {};
  for (const [path, entry] of Object.entries(diff.detailedDiff)) {
    const replace = entry.diffKind.endsWith("-replace");
    const base = flip[entry.diffKind.replace(/-replace$/, "") as keyof typeof flip];
    detailedDiff[path] = { ...entry, diffKind: replace ? `${base}-replace` : base };
  }
  return { ...diff, detailedDiff };
}
