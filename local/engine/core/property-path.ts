// Paths into property values, as ignoreChanges and replaceOnChanges write them: a.b[0]["c d"].*
import type { PropertyMap, Value } from "../types.ts";
import { isObject, isSecret } from "../value-kinds.ts";
import { isPlainObject, makeSecret } from "./values.ts";

/** Keys are strings, indexes numbers, `*` stands for every element. */
export type PropertyPath = (string | number)[];

const SIMPLE_KEY = /^[A-Za-z_$#][\w$#]*$/;

/** @throws when a bracket is not closed, an index is no number or a key is empty. */
export function parsePath(text: string): PropertyPath {
  const path: PropertyPath = [];
  let at = 0;
  const fail = () => new Error(`property path "${text}": cannot be read at offset ${at}`);
  while (at < text.length) {
    const char = text[at];
    if (char === "[") {
      const quoted = text[at + 1] === '"';
      if (quoted) {
        let end = at + 2;
        let key = "";
        while (end < text.length && text[end] !== '"') {
          if (text[end] === "\\" && text[end + 1] === '"') end++;
          key += text[end++];
        }
        if (text.slice(end, end + 2) !== '"]') throw fail();
        path.push(key);
        at = end + 2;
      } else {
        const end = text.indexOf("]", at);
        const index = text.slice(at + 1, end < 0 ? undefined : end);
        if (end < 0 || !/^(\*|\d+)$/.test(index)) throw fail();
        path.push(index === "*" ? index : Number(index));
        at = end + 1;
      }
    } else {
      if (char === ".") at++;
      const rest = text.slice(at);
      if (rest.startsWith("[")) continue;
      const length = rest.search(/[.[]/);
      const key = length < 0 ? rest : rest.slice(0, length);
      if (key === "") throw fail();
      path.push(key);
      at += key.length;
    }
  }
  return path;
}

/** The text of a path: `a.b[0]["c d"]`. */
export function formatPath(path: PropertyPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (SIMPLE_KEY.test(part)) text += text === "" ? part : `.${part}`;
    else text += `["${part.replaceAll('"', '\\"')}"]`;
  }
  return text;
}

/** True when `outer` is `inner` or leads to it; `*` matches every key and index. */
export function contains(outer: PropertyPath, inner: PropertyPath): boolean {
  return outer.length <= inner.length && outer.every((part, index) => part === "*" || part === inner[index]);
}

/**
 * Copies of `news` in which what lies at `path` is as in `olds`; undefined when the way there differs
 * (an object or array on one side only, an array of another length).
 */
export function resetPath(path: PropertyPath, olds: PropertyMap, news: PropertyMap): PropertyMap | undefined {
  const reset = resetValue(path, olds, news);
  return reset !== IMPOSSIBLE && isObject(reset) ? reset : undefined;
}

const IMPOSSIBLE: unique symbol = Symbol("impossible");
type Impossible = typeof IMPOSSIBLE;

function resetValue(path: PropertyPath, old: Value, value: Value): Value | Impossible {
  if (isSecret(old) || isSecret(value)) {
    const inner = resetValue(path, isSecret(old) ? (old.value ?? null) : old, open(value));
    return inner === IMPOSSIBLE ? inner : isSecret(value) ? makeSecret(inner) : inner;
  }
  const [part, ...rest] = path;
  if (part === undefined) return old;
  if (Array.isArray(old) && Array.isArray(value)) return resetElements(part, rest, old, value);
  if (!isPlainObject(old) || !isPlainObject(value)) return IMPOSSIBLE;
  const keys = part === "*" ? [...new Set([...Object.keys(old), ...Object.keys(value)])] : [String(part)];
  const changed = { ...value };
  for (const key of keys) {
    const before: Value | undefined = old[key];
    const after: Value | undefined = value[key];
    if (rest.length === 0) {
      if (before === undefined) delete changed[key];
      else changed[key] = before;
    } else if (before === undefined && after === undefined) {
    } else if (before === undefined || after === undefined) {
      return IMPOSSIBLE;
    } else {
      const inner = resetValue(rest, before, after);
      if (inner === IMPOSSIBLE) return inner;
      changed[key] = inner;
    }
  }
  return changed;
}

function resetElements(
  part: string | number,
  rest: PropertyPath,
  old: Value[],
  value: Value[],
): Value | Impossible {
  if (part !== "*" && typeof part !== "number") return IMPOSSIBLE;
  if (part === "*" ? old.length !== value.length : part >= old.length || part >= value.length)
    return IMPOSSIBLE;
  const changed = [...value];
  for (const index of part === "*" ? value.keys() : [part]) {
    const inner =
      rest.length === 0 ? (old[index] ?? null) : resetValue(rest, old[index] ?? null, value[index] ?? null);
    if (inner === IMPOSSIBLE) return inner;
    changed[index] = inner;
  }
  return changed;
}

function open(value: Value): Value {
  return isSecret(value) ? (value.value ?? null) : value;
}
