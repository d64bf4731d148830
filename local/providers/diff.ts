// Decides between same, update and replace by comparing what exists (outputs) with what is wanted (inputs),
// property by property as the tables say. Pure; needs no connection, so that a preview works offline.

import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import { DEFAULTS } from "./check.ts";
import { samePolicy } from "./policy.ts";
import type { Properties, Property } from "./schema.ts";
import { canonical, isEmpty, isRecord, isUnknown } from "./values.ts";

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

/** The SDK's answer, and beside it which paths differ, as the plugin protocol has it. */
export interface LocalDiffResult extends DiffResult {
  readonly diffs: string[];
  readonly detailedDiff: { [path: string]: { kind: DiffKind; inputDiff: boolean } };
}

/**
 * @param olds what exists, as outputs
 * @param news checked inputs
 */
export function diffProperties(
  properties: Properties,
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  ignoreChanges: readonly string[] = [],
): LocalDiffResult {
  const changes: Change[] = [];
  for (const [key, property] of Object.entries(properties)) {
    if (ignoreChanges.includes(key)) continue;
    changes.push(...compare(property, olds[key], news[key], key, false));
  }
  const replaces = changes.filter((change) => change.replace);
  return {
    changes: changes.length > 0,
    diffs: topLevel(changes),
    replaces: topLevel(replaces),
    deleteBeforeReplace: replaces.length > 0 && namedByProgram(properties, news, replaces),
    detailedDiff: Object.fromEntries(
      changes.map(({ path, kind, replace }): [string, { kind: DiffKind; inputDiff: boolean }] => [
        path,
        { kind: replace ? `${kind}-replace` : kind, inputDiff: false },
      ]),
    ),
  };
}

interface Change {
  path: string;
  kind: "add" | "delete" | "update";
  replace: boolean;
}

/** True when `wanted` asks for nothing that `existing` lacks. */
export function satisfied(property: Property, existing: unknown, wanted: unknown): boolean {
  return compare(property, existing, wanted, "", false).length === 0;
}

function compare(
  property: Property,
  old: unknown,
  wanted: unknown,
  path: string,
  inherited: boolean,
): Change[] {
  const replace = inherited || property.replace === true;
  if (isMark(property))
    return isPresent(old) === isPresent(wanted) ? [] : [{ path, kind: "update", replace }];
  if (wanted === undefined && (property.computed || isEmpty(old))) return [];
  // Whether two objects say the same only their fields know, since some say it by being there.
  const bothObjects = property.kind === "object" && isRecord(old) && isRecord(wanted);
  if (!bothObjects && isEmpty(old) && isEmpty(wanted)) return [];
  if (wanted === undefined) return [{ path, kind: "delete", replace }];
  if (old === undefined || old === null) return [{ path, kind: "add", replace }];
  const changed: Change[] = [{ path, kind: "update", replace }];
  if (isUnknown(wanted)) return changed;
  switch (property.kind) {
    case "text":
      return String(old) === String(wanted) ? [] : changed;
    case "flag":
    case "number":
      return old === wanted ? [] : changed;
    case "json":
      return canonical(parsed(old)) === canonical(parsed(wanted)) ? [] : changed;
    case "policy":
      return samePolicy(parsed(old), parsed(wanted)) ? [] : changed;
    case "object":
      return compareFields(property.fields ?? {}, old, wanted, path, replace);
    case "list":
      return compareLists(property, old, wanted, path, replace);
    case "set":
      return sameSet(property, old, wanted) ? [] : changed;
    case "map":
      return compareMaps(old, wanted, path, replace);
  }
}

/** An object without fields says something by being there, e.g. which of several actions is taken. */
function isMark({ kind, fields }: Property): boolean {
  return kind === "object" && fields !== undefined && Object.keys(fields).length === 0;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function compareFields(fields: Properties, old: unknown, wanted: unknown, path: string, replace: boolean) {
  const before = isRecord(old) ? old : {};
  const after = isRecord(wanted) ? wanted : {};
  return Object.entries(fields).flatMap(([key, field]) =>
    compare(field, before[key], after[key], `${path}.${key}`, replace),
  );
}

function compareLists(property: Property, old: unknown, wanted: unknown, path: string, replace: boolean) {
  const before = Array.isArray(old) ? old : [];
  const after = Array.isArray(wanted) ? wanted : [];
  const { element } = property;
  if (!element) return [];
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
    const at = `${path}[${index}]`;
    if (index >= after.length) return [{ path: at, kind: "delete" as const, replace }];
    if (index >= before.length) return [{ path: at, kind: "add" as const, replace }];
    return compare(element, before[index], after[index], at, replace);
  }).flat();
}

function sameSet(property: Property, old: unknown, wanted: unknown): boolean {
  const before = Array.isArray(old) ? [...old] : [];
  const after = Array.isArray(wanted) ? wanted : [];
  const { element } = property;
  if (!element || before.length !== after.length) return false;
  return after.every((want) => {
    const match = before.findIndex((have) => satisfied(element, have, want));
    if (match < 0) return false;
    before.splice(match, 1);
    return true;
  });
}

function compareMaps(old: unknown, wanted: unknown, path: string, replace: boolean): Change[] {
  const before = isRecord(old) ? old : {};
  const after = isRecord(wanted) ? wanted : {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key): Change[] => {
    const at = /^\w+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
    if (!(key in after)) return [{ path: at, kind: "delete", replace }];
    if (!(key in before)) return [{ path: at, kind: "add", replace }];
    return before[key] === after[key] ? [] : [{ path: at, kind: "update", replace }];
  });
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function topLevel(changes: Change[]): string[] {
  return [...new Set(changes.map(({ path }) => path.split(/[.[]/, 1)[0] ?? path))];
}

/** Two resources cannot share a name that the program chose, so the old one has to go first. */
function namedByProgram(properties: Properties, news: Record<string, unknown>, replaces: Change[]): boolean {
  const defaults: unknown = news[DEFAULTS];
  const filled = Array.isArray(defaults) ? defaults : [];
  return Object.entries(properties).some(
    ([key, property]) =>
      property.name !== undefined && !filled.includes(key) && !replaces.some(({ path }) => path === key),
  );
}
