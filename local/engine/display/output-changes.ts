// What a run makes of the stack's outputs, as the official command shows it: inside an object or a list what changed,
// beside what did not.
import type { PropertyMap, Value } from "../types.ts";
import { isObject, isUnknown, kindOf } from "../value-kinds.ts";
import { CHANGE_MARKS, type Change, changedKeys, changeOf, valueText } from "./values.ts";

/**
 * `Outputs:` of the stack: all of them after an update, only what changes in a preview, which leaves out what merely is not
 * known yet. @param before undefined for a new stack, whose outputs are just listed
 */
export function renderOutputs(
  before: PropertyMap | undefined,
  after: PropertyMap,
  preview: boolean,
): string[] {
  const lines = objectLines(before ?? after, after, 2, preview, !preview || before === undefined);
  return lines.length > 0 ? ["Outputs:", ...lines, ""] : [];
}

/** With what the SDK marks a whole resource among the outputs, in a preview. */
const OF_RESOURCE = "@isPulumiResource";

function objectLines(
  before: PropertyMap,
  after: PropertyMap,
  indent: number,
  preview: boolean,
  sames: boolean,
): string[] {
  const entries = [...changedKeys(before, after)].filter(
    ([key, change]) => key !== OF_RESOURCE && !(preview && change === "update" && isUnknown(after[key])),
  );
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return entries
    .filter(([key, change]) => change !== "same" || (sames && isTelling(after[key])))
    .flatMap(([key, change]) =>
      valueLines(key.padEnd(width), change, before[key] ?? null, after[key] ?? null, indent, preview),
    );
}

function listLines(before: Value[], after: Value[], indent: number, preview: boolean): string[] {
  const longer = before.length > after.length ? before : after;
  return longer.flatMap((_, at) =>
    valueLines(
      `[${at}]`,
      changeOf(before[at], after[at]),
      before[at] ?? null,
      after[at] ?? null,
      indent,
      preview,
    ),
  );
}

function valueLines(
  label: string,
  change: Change,
  before: Value,
  after: Value,
  indent: number,
  preview: boolean,
): string[] {
  const head = (kind: Change) => `${" ".repeat(indent)}${CHANGE_MARKS[kind]} ${label}: `;
  const whole = (kind: Change, value: Value) => `${head(kind)}${valueText(value, indent + 2)}`;
  if (change !== "update") return [whole(change, change === "delete" ? before : after)];
  const close = " ".repeat(indent + 2);
  if (isData(before) && isData(after)) {
    return [`${head(change)}{`, ...objectLines(before, after, indent + 4, preview, true), `${close}}`];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return [`${head(change)}[`, ...listLines(before, after, indent + 4, preview), `${close}]`];
  }
  if (isTelling(before) && isTelling(after) && !isNested(before) && !isNested(after)) {
    return [`${whole(change, before)} => ${valueText(after, indent + 2)}`];
  }
  return [
    ...(isTelling(before) ? [whole("delete", before)] : []),
    ...(isTelling(after) ? [whole("add", after)] : []),
  ];
}

function isData(value: Value): value is PropertyMap {
  return isObject(value) && kindOf(value) === undefined;
}

function isNested(value: Value): boolean {
  return Array.isArray(value) || isData(value);
}

/** False for what is often only a default: nothing, an empty text, list or object. */
function isTelling(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
