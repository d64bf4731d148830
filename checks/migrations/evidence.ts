// What a run of migrations proved, as observations and facts.
import { type Fact, type Finding, type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import type { Migration, MigrationSet } from "./directory.ts";
import type { HistoryRow } from "./history.ts";
import { versionKey } from "./naming.ts";
import type { UpResult } from "./up.ts";

// The evidence is kept in the stack's state: beyond this many files only those of this run are listed one by one.
const MOST_FILES = 100;

export function evidenceOf(
  set: MigrationSet,
  result: UpResult,
  run: { database: string; seconds: number },
): Finding {
  const recorded = new Map(result.history.map((row) => [versionKey(row.version), row]));
  const finished = set.migrations.filter((migration) =>
    isFinished(migration, recorded.get(versionKey(migration.version))),
  );
  const total = set.migrations.length;
  const stopped = result.failure
    ? `${finished.length} of ${total}; stopped at ${result.failure.file}; ${stateOf(result)}`
    : `${finished.length} of ${total}, ${result.applied.length} in this run`;
  const inThisRun = new Set([...result.applied.map((file) => file.path), result.failure?.file]);
  const listed =
    total <= MOST_FILES
      ? set.migrations
      : set.migrations.filter((migration) => inThisRun.has(migration.path)).slice(0, MOST_FILES);
  return {
    observations: [
      observe("files", !result.failure && finished.length === total, `all ${total} files applied`, stopped),
      ...historyObservation(set, result),
      ...listed.map((migration) =>
        fileObservation(migration, recorded.get(versionKey(migration.version)), result),
      ),
    ],
    facts: {
      database: run.database,
      versionBefore: result.before ?? null,
      versionAfter: result.after ?? null,
      applied: result.applied.slice(0, MOST_FILES).map((file): Fact => ({ ...file })),
      appliedCount: result.applied.length,
      adopted: result.adopted,
      fileCount: total,
      filesDigest: set.digest,
      seconds: run.seconds,
    },
  };
}

function stateOf({ after, failure }: UpResult): string {
  const at = after === undefined ? "without a complete migration" : `complete up to ${after}`;
  return `the database is ${at}; correct ${failure?.file} and run up again, it goes on there`;
}

/** An edited file was refused before: here the hashes are compared once more with what the database now says. */
function historyObservation(set: MigrationSet, { history }: UpResult): Observation[] {
  const hashes = new Map(
    set.migrations.map((migration) => [versionKey(migration.version), migration.sha256]),
  );
  const rows = history.filter((row) => row.kind === "versioned" || row.kind === "repeatable");
  const equal = rows.filter(
    (row) => hashes.get(versionKey(row.version)) === row.sha256 || row.kind === "repeatable",
  );
  if (rows.length === 0) return [];
  return [
    observe(
      "history",
      equal.length === rows.length,
      "sha256 of every applied file equal to the history",
      `${equal.length} of ${rows.length} equal`,
    ),
  ];
}

function isFinished(migration: Migration, row: HistoryRow | undefined): boolean {
  if (!row || row.kind === "partial") return false;
  return row.kind === "baseline" || row.sha256 === migration.sha256;
}

function fileObservation(
  migration: Migration,
  row: HistoryRow | undefined,
  { failure }: UpResult,
): Observation {
  const id = `file-${kebab(migration.path.replace(/\.sql$/, ""))}`;
  const expected = `${migration.path} applied, sha256 ${migration.sha256.slice(0, 12)}`;
  if (row && isFinished(migration, row))
    return observe(
      id,
      true,
      expected,
      `${row.kind === "baseline" ? "adopted" : `applied in ${row.durationMs} ms`} at ${row.appliedAt} by ${row.appliedBy}, sha256 ${row.sha256.slice(0, 12)}`,
    );
  const failedHere = failure?.file === migration.path;
  return {
    id,
    result: failedHere ? "failed" : "notApplicable",
    expected,
    observed: failedHere ? failure.message : "not reached",
  };
}
