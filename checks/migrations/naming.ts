// What a file name says: order, kind and name. Pure; whether the files together make sense is judged in directory.ts.

/** `0004_add_orders.sql`, `0004_add_orders.down.sql`, `R_reports.sql` (applied again whenever it changed). */
export type FileName =
  | { kind: "versioned"; version: string; name: string }
  | { kind: "down"; version: string; name: string }
  | { kind: "repeatable"; version: string; name: string };

const VERSIONED = /^(\d{1,20})_([\p{L}\p{N}][\p{L}\p{N}_.-]*?)(\.down)?\.sql$/u;
const REPEATABLE = /^(R_([\p{L}\p{N}][\p{L}\p{N}_.-]*))\.sql$/u;

/** Undefined when the name follows no rule. A repeatable file's version is its name with `R_`. */
export function parseFileName(fileName: string): FileName | undefined {
  const versioned = VERSIONED.exec(fileName);
  if (versioned?.[1] && versioned[2])
    return { kind: versioned[3] ? "down" : "versioned", version: versioned[1], name: versioned[2] };
  const repeatable = REPEATABLE.exec(fileName);
  if (repeatable?.[1] && repeatable[2] && !fileName.endsWith(".down.sql"))
    return { kind: "repeatable", version: repeatable[1], name: repeatable[2] };
  return undefined;
}

/** Versions are numbers: `7` and `0007` are the same one. */
export function versionNumber(version: string): bigint {
  return BigInt(version);
}

/** Sorts as the files run: versioned by number, then repeatable by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [isNumber(a), isNumber(b)];
  if (left && right) {
    const difference = versionNumber(a) - versionNumber(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(version: string): boolean {
  return /^\d+$/.test(version);
}
