// What a file name says: order, kind and name. Pure; whether the files together make sense is judged in directory.ts.

/** `0004_add_orders.sql`, `0004_add_orders.down.sql`, `R_reports.sql` (applied again whenever it changed). */
export interface FileName {
  /** `both`: one file holds the way up and the way down. */
  kind: "versioned" | "down" | "repeatable" | "both";
  /** As written, e.g. `0004` or `2.1`; the name of a repeatable file. */
  version: string;
  name: string;
}

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

/** Versions are numbers, in parts where they have dots: `7` and `0007` are the same one, and `1.0` and `1`. */
export function isVersion(version: string): boolean {
  return /^\d+(\.\d+)*$/.test(version);
}

/** The same text for the same version. */
export function versionKey(version: string): string {
  if (!isVersion(version)) return version;
  const parts = version.split(".").map((part) => String(BigInt(part)));
  while (parts.length > 1 && parts.at(-1) === "0") parts.pop();
  return parts.join(".");
}

/** Sorts as the files run: versioned by number, then repeatable by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [isVersion(a), isVersion(b)];
  if (left && right) return compareParts(a.split("."), b.split("."));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareParts(a: string[], b: string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = BigInt(a[at] ?? 0) - BigInt(b[at] ?? 0);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}
