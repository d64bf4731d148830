// Takes migrations back with their down files, newest first, each file whole or not at all. Data that an up file removed does
// not come back this way: that takes the backup.
import type { Client } from "pg";
import type { Migration, MigrationSet } from "./directory.ts";
import { MigrationFailure } from "./failure.ts";
import { loadGrammar } from "./grammar.ts";
import {
  forgetRepeatableSql,
  forgetSql,
  type HistoryPlace,
  type HistoryRow,
  readHistory,
} from "./history.ts";
import { withMigrationLock } from "./lock.ts";
import { compareVersions, versionKey } from "./naming.ts";
import { retryOnLock } from "./retry.ts";
import { readScript, type Script, syntaxMessage } from "./script.ts";
import { runUnrecorded } from "./stepwise.ts";
import { type Limits, runInTransaction } from "./transaction.ts";
import { newestOf, refuse } from "./up.ts";

export interface DownOptions extends Limits {
  place: HistoryPlace;
  /** The version to end at; `0` takes back everything. */
  to: string;
  lockWaitSeconds: number;
  signal: AbortSignal;
  log(line: string): void;
}

export interface DownResult {
  before: string | undefined;
  after: string | undefined;
  /** In the order in which they were taken back. */
  reverted: { version: string; name: string; path: string; durationMs: number }[];
  failure: MigrationFailure | undefined;
}

export interface DownPlan {
  /** Newest first. */
  steps: { migration: Migration; row: HistoryRow }[];
  /** Reasons why nothing may run, each with file and fix. */
  refusals: string[];
}

/** What it would take to go back to a version. Pure. */
export function planDown(set: MigrationSet, history: HistoryRow[], to: string): DownPlan {
  const plan: DownPlan = { steps: [], refusals: [] };
  const applied = history.filter((row) => row.kind !== "repeatable");
  if (compareVersions(to, "0") !== 0 && !applied.some((row) => compareVersions(row.version, to) === 0))
    plan.refusals.push(
      `version ${to} is not applied, want one of ${applied.map((row) => row.version).join(", ")} or 0`,
    );
  for (const row of applied.filter(({ version }) => compareVersions(version, to) > 0).reverse()) {
    const migration = set.migrations.find(({ version }) => compareVersions(version, row.version) === 0);
    const name = migration?.path ?? `${row.version}_${row.name}.sql`;
    if (row.kind === "baseline")
      plan.refusals.push(`${name}: was adopted, not run; there is no way back over it but the backup`);
    else if (!migration)
      plan.refusals.push(`${name}: not in the directory; restore the file from version control`);
    else if (!migration.down)
      plan.refusals.push(
        `${name}: has no down file; add ${name.replace(/\.sql$/, ".down.sql")}, or restore the backup`,
      );
    else if (row.kind === "versioned" && row.sha256 !== migration.sha256)
      plan.refusals.push(`${name}: edited after it was applied; restore the file from version control`);
    else plan.steps.push({ migration, row });
  }
  return plan;
}

/**
 * A file that fails is in the result, because what was taken back before it stays so.
 * @throws when nothing was run: lock not free, a version that is not applied, no down file
 */
export async function migrateDown(
  client: Client,
  set: MigrationSet,
  options: DownOptions,
): Promise<DownResult> {
  const { place, to, log } = options;
  return withMigrationLock(client, place, { waitSeconds: options.lockWaitSeconds, ...options }, async () => {
    const history = (await readHistory(client, place)) ?? [];
    const { steps, refusals } = planDown(set, history, to);
    refuse(refusals);
    const before = newestOf(history);
    const grammar = await loadGrammar();
    const scripts = steps.map(({ migration, row }) => {
      if (!migration.down) throw new Error(`${migration.path}: has no down file`);
      return { migration, row, script: readScript(migration.down, grammar) };
    });
    refuse(
      scripts.flatMap(({ script }) => [
        ...script.refusals,
        ...(script.syntax ? [syntaxMessage(script)] : []),
      ]),
    );
    const reverted: DownResult["reverted"] = [];
    let failure: MigrationFailure | undefined;
    for (const { migration, row, script } of scripts) {
      options.signal.throwIfAborted();
      const started = performance.now();
      try {
        await retryOnLock(client, options, script.file.path, () => runDown(client, script, row, options));
      } catch (error) {
        if (!(error instanceof MigrationFailure)) throw error;
        failure = error;
        break;
      }
      const durationMs = Math.round(performance.now() - started);
      reverted.push({ version: migration.version, name: migration.name, path: script.file.path, durationMs });
      log(`${script.file.path} applied in ${durationMs} ms`);
    }
    const gone = new Set(reverted.map(({ version }) => versionKey(version)));
    const after = newestOf(history.filter(({ version }) => !gone.has(versionKey(version))));
    return { before, after, reverted, failure };
  });
}

/** @param row the history's: its version may be written otherwise than the file's, e.g. `001` for `0001`. */
async function runDown(client: Client, script: Script, row: HistoryRow, options: DownOptions): Promise<void> {
  // What a repeatable file made may depend on what goes now: the next way up runs all of them again.
  const forget = [forgetSql(options.place, row.version), forgetRepeatableSql(options.place)].join("; ");
  if (script.transactional) return runInTransaction(client, script, options, forget);
  return runUnrecorded(client, script, forget, { limits: options, ...options });
}
