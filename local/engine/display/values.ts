// Property values as text for people: quoted strings, nested objects on lines of their own, never a secret.
import { type PropertyMap, SIGNATURE, UNKNOWN, type Value } from "../types.ts";
import { ARCHIVE, ASSET, isSecret, isUnknown, OUTPUT_VALUE, RESOURCE_REFERENCE } from "../value-kinds.ts";

/** How a property differs. */
export type Change = "add" | "delete" | "update" | "same";

/** True when both mean the same; object keys in any order. */
export function equalValues(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: Value | undefined): string {
  return JSON.stringify(value, (_, inner) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function leafText(value: Value): string | undefined {
  if (isUnknown(value)) return "[unknown]";
  if (isSecret(value)) return "[secret]";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return value === null ? "<null>" : String(value);
  if (Array.isArray(value)) return value.length === 0 ? "[]" : undefined;
  switch (value[SIGNATURE]) {
    case RESOURCE_REFERENCE:
      return JSON.stringify(value.id || (value.urn ?? null));
    case OUTPUT_VALUE:
      return value.secret === true ? "[secret]" : leafText(value.value ?? UNKNOWN);
    case ASSET:
      return `asset(${describeAsset(value)})`;
    case ARCHIVE:
      return `archive(${describeAsset(value)})`;
    default:
      return Object.keys(value).length === 0 ? "{}" : undefined;
  }
}

function describeAsset(value: { [key: string]: Value }): string {
  const hash = typeof value.hash === "string" ? value.hash.slice(0, 7) : "";
  const source = value.path ?? value.uri;
  return source ? `file:${hash}) { ${source} }`.replace(") {", " {") : `text:${hash}`;
}

/** One value; nested lines are indented by `indent` blanks. */
export function valueText(value: Value, indent: number): string {
  const leaf = leafText(value);
  if (leaf !== undefined) return leaf;
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    const lines = value.map((element, index) => `${pad}    [${index}]: ${valueText(element, indent + 4)}`);
    return `[\n${lines.join("\n")}\n${pad}]`;
  }
  const entries = Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{\n${entryLines(entries, indent + 4).join("\n")}\n${pad}}`;
}

function entryLines(entries: [string, Value][], indent: number): string[] {
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return entries.map(
    ([key, value]) => `${" ".repeat(indent)}${key.padEnd(width)}: ${valueText(value, indent)}`,
  );
}

/** Which keys differ between two property maps, sorted. */
export function changedKeys(before: PropertyMap, after: PropertyMap): Map<string, Change> {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return new Map(keys.map((key) => [key, changeOf(before[key], after[key])]));
}

/** How one value differs; undefined means absent. */
export function changeOf(before: Value | undefined, after: Value | undefined): Change {
  if (before === undefined) return "add";
  if (after === undefined) return "delete";
  return equalValues(before, after) ? "same" : "update";
}

export const CHANGE_MARKS: { readonly [change in Change]: string } = {
  add: "+",
  delete: "-",
  update: "~",
  same: " ",
};

/** Lines `~ key: "a" => "b"` for two property maps; what is the same is left out. */
export function diffLines(before: PropertyMap, after: PropertyMap, indent: number): string[] {
  const changes = [...changedKeys(before, after)].filter(([, change]) => change !== "same");
  const width = Math.max(0, ...changes.map(([key]) => key.length));
  return changes.flatMap(([key, change]) =>
    changeLines(key.padEnd(width), change, before[key] ?? null, after[key] ?? null, indent),
  );
}

function changeLines(label: string, change: Change, before: Value, after: Value, indent: number): string[] {
  const head = `${" ".repeat(indent)}${CHANGE_MARKS[change]} ${label}: `;
  if (change === "add") return [`${head}${valueText(after, indent + 2)}`];
  if (change === "delete") return [`${head}${valueText(before, indent + 2)}`];
  const close = `${" ".repeat(indent + 2)}`;
  if (isPlainObject(before) && isPlainObject(after)) {
    return [`${head}{`, ...diffLines(before, after, indent + 4), `${close}}`];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return [`${head}[`, ...diffLines(listMap(before), listMap(after), indent + 4), `${close}]`];
  }
  return [`${head}${valueText(before, indent + 2)} => ${valueText(after, indent + 2)}`];
}

function listMap(list: Value[]): PropertyMap {
  return Object.fromEntries(list.map((element, index) => [`[${index}]`, element]));
}

function isPlainObject(value: Value): value is PropertyMap {
  return (
    leafText(value) === undefined && typeof value === "object" && value !== null && !Array.isArray(value)
  );
}
