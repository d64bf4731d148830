// Compares the files with the history: what is still to run, and what forbids running anything. Pure.
import { createHash } from "node:crypto";
import type { Migration, MigrationSet } from "./directory.ts";
import type { HistoryRow } from "./history.ts";
import { compareVersions, versionKey } from "./naming.ts";

export interface Policy {
  /** A file with a lower version than one already applied. */
  outOfOrder: "refuse" | "allow";
  /** A number left out between two files: most often a file that was not merged. Numbers of 8 and more digits are dates, which have gaps. */
  gaps: "refuse" | "allow";
}

export interface Pending {
  migrations: Migration[];
  /** Reasons why nothing may run, each with file and fix. */
  refusals: string[];
}

const DIGITS_OF_A_DATE = 8;

export function pendingOf(set: MigrationSet, history: HistoryRow[], policy: Policy): Pending {
  const done = new Map(history.map((row) => [versionKey(row.version), row]));
  const present = new Set(set.migrations.map((migration) => versionKey(migration.version)));
  const migrations: Migration[] = [];
  const refusals = [...missing(history, present), ...(policy.gaps === "refuse" ? gapsIn(set) : [])];
  const newest = history.filter(({ kind }) => kind === "versioned" || kind === "baseline").at(-1);
  for (const migration of set.migrations) {
    const row = done.get(versionKey(migration.version));
    const applied = row && row.kind !== "partial";
    if (
      applied &&
      row.kind !== "baseline" &&
      row.sha256 !== migration.sha256 &&
      migration.kind === "versioned"
    )
      refusals.push(edited(migration, row));
    if (applied && (migration.kind === "versioned" || row.sha256 === migration.sha256)) continue;
    if (
      policy.outOfOrder === "refuse" &&
      migration.kind === "versioned" &&
      newest &&
      compareVersions(migration.version, newest.version) < 0
    )
      refusals.push(
        `${migration.path}: comes before ${newest.version}, which is applied; give it a higher number, or set outOfOrder to allow`,
      );
    migrations.push(migration);
  }
  return { migrations, refusals };
}

function missing(history: HistoryRow[], present: Set<string>): string[] {
  return history
    .filter((row) => row.kind !== "repeatable" && !present.has(versionKey(row.version)))
    .map(
      (row) =>
        `${row.version}_${row.name}.sql: applied at ${row.appliedAt} (sha256 ${row.sha256}) and not in the directory; restore the file from version control`,
    );
}

function edited(migration: Migration, row: HistoryRow): string {
  const what = `${migration.path}: edited after it was applied at ${row.appliedAt}: sha256 is ${migration.sha256}, applied was ${row.sha256}`;
  return differsInLineEndingsOnly(migration, row)
    ? `${what}; only its line endings differ: check it out again with eol=lf or eol=crlf in .gitattributes, as it was`
    : `${what}; restore the file from version control and put the change into a new file`;
}

function differsInLineEndingsOnly({ sql }: Migration, row: HistoryRow): boolean {
  const unix = sql.replaceAll("\r\n", "\n");
  return [unix, unix.replaceAll("\n", "\r\n")].some(
    (text) => createHash("sha256").update(text).digest("hex") === row.sha256,
  );
}

function gapsIn(set: MigrationSet): string[] {
  const versioned = set.migrations.filter((migration) => migration.kind === "versioned");
  return versioned.flatMap((migration, index) => {
    const before = versioned[index - 1];
    if (!before || migration.version.length >= DIGITS_OF_A_DATE) return [];
    // Between 1.1 and 1.3 nothing can be said to be missing.
    if ([before, migration].some(({ version }) => !/^\d+$/.test(version))) return [];
    const [low, high] = [BigInt(before.version) + 1n, BigInt(migration.version) - 1n];
    if (low > high) return [];
    const width = migration.version.length;
    const named = [low, high].map((number) => String(number).padStart(width, "0"));
    const gap = low === high ? `${named[0]} is` : `${named.join(" to ")} are`;
    return [
      `${gap} missing between ${before.path} and ${migration.path}; add the file, renumber, or set gaps to allow`,
    ];
  });
}
