// Paths into JSON values: `$`, `$.jobs[0].name`, `$.jobs[-1]`, `$["odd key"]`, `$.jobs.length`. One value, no wildcards: an
// expectation that could match several values would say less than it seems to.

const STEP = /\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|\["([^"]+)"\]/y;

/** The value at a path, or undefined when there is none. @throws when the path is not understood */
export function valueAt(root: unknown, path: string): unknown {
  return parsePath(path).reduce<unknown>((value, key) => step(value, key), root);
}

/** The keys of a path. @throws when the path is not understood */
export function parsePath(path: string): (string | number)[] {
  const keys: (string | number)[] = [];
  if (!path.startsWith("$")) throw new Error(`json path must start with $, got "${path}"`);
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const at = STEP.lastIndex;
    const match = STEP.exec(path);
    if (!match)
      throw new Error(`json path "${path}": not understood from "${path.slice(at)}"; write $.name or $[0]`);
    keys.push(match[2] === undefined ? (match[1] ?? match[3] ?? "") : Number(match[2]));
  }
  return keys;
}

function step(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) {
    if (typeof key === "number") return value.at(key);
    return key === "length" ? value.length : undefined;
  }
  if (value === null || typeof value !== "object" || typeof key !== "string") return undefined;
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}
