// Brings a database to the newest migration: under one lock, file by file, each whole or not at all.
import type { Client } from "pg";
import { messageOf } from "../step/message.ts";
import { adopt } from "./baseline.ts";
import type { Migration, MigrationSet } from "./directory.ts";
import { MigrationFailure } from "./failure.ts";
import { GRAMMAR_VERSION, loadGrammar } from "./grammar.ts";
import {
  createHistory,
  type HistoryPlace,
  type HistoryRow,
  type NewRow,
  quotedTable,
  readHistory,
  recordSql,
} from "./history.ts";
import { withMigrationLock } from "./lock.ts";
import { versionKey } from "./naming.ts";
import { type Policy, pendingOf } from "./pending.ts";
import { retryOnLock } from "./retry.ts";
import { readScript, type Script, syntaxMessage } from "./script.ts";
import { runStepwise } from "./stepwise.ts";
import { type Flush, type Limits, runInTransaction } from "./transaction.ts";

export interface UpOptions extends Limits, Policy {
  place: HistoryPlace;
  /** For the lock of another run, and for how long a file is tried again that met a locked table. */
  lockWaitSeconds: number;
  /** An existing database without history is taken to be at this version. */
  baseline?: string;
  /** Written into the history, e.g. a commit. */
  release: string;
  /** Judges what is about to run, e.g. by lint; throws to stop before anything changes. */
  approve?(scripts: Script[], client: Client): Promise<void>;
  signal: AbortSignal;
  log(line: string): void;
}

export interface Applied {
  version: string;
  name: string;
  path: string;
  sha256: string;
  durationMs: number;
}

export interface UpResult {
  /** Version before and after; undefined for a database without migrations. */
  before: string | undefined;
  after: string | undefined;
  applied: Applied[];
  /** Versions taken over by a baseline in this run. */
  adopted: string[];
  /** What stopped the run; `applied` holds what was finished before. */
  failure: MigrationFailure | undefined;
  history: HistoryRow[];
}

const SYNTAX_ERROR = "42601";

/**
 * A file that fails is in the result, because what came before it stays applied.
 * @throws when nothing was run: lock not free, files that contradict the history, files that cannot be run
 */
export function migrateUp(client: Client, set: MigrationSet, options: UpOptions): Promise<UpResult> {
  const lock = { waitSeconds: options.lockWaitSeconds, signal: options.signal, log: options.log };
  return withMigrationLock(client, options.place, lock, () => upLocked(client, set, options));
}

async function upLocked(client: Client, set: MigrationSet, options: UpOptions): Promise<UpResult> {
  const known = await historyOf(client, options.place);
  const adopted = await adopt(client, set, known, options);
  const history = adopted.length > 0 ? await historyOf(client, options.place) : known;
  const pending = pendingOf(set, history, options);
  refuse(pending.refusals);
  const before = newestOf(history);
  if (pending.migrations.length === 0)
    return { before, after: before, applied: [], adopted, failure: undefined, history };
  const scripts = await readScripts(client, pending.migrations);
  await options.approve?.([...scripts.values()], client);
  const { applied, failure } = await runAll(client, scripts, history, options);
  const now = await reread(client, options.place, failure);
  return { before, after: newestOf(now), applied, adopted, failure, history: now };
}

async function runAll(
  client: Client,
  scripts: Map<Migration, Script>,
  history: HistoryRow[],
  options: UpOptions,
): Promise<Pick<UpResult, "applied" | "failure">> {
  const applied: Applied[] = [];
  // A file may have been renumbered from 001 to 0001 since it was begun: its row keeps the version that it has.
  const known = new Map(history.map(({ version }) => [versionKey(version), version]));
  let written: string | undefined;
  const last = [...scripts.keys()].at(-1);
  for (const [migration, script] of scripts) {
    options.signal.throwIfAborted();
    const started = performance.now();
    const recordedAs = known.get(versionKey(migration.version)) ?? migration.version;
    try {
      await runFile(client, migration, recordedAs, script, migration === last ? "now" : "later", options);
      written = recordedAs;
    } catch (error) {
      if (options.signal.aborted && !(error instanceof MigrationFailure)) throw error;
      const failure = asFailure(error, migration.path);
      await flushCommits(client, options.place, written);
      return { applied, failure };
    }
    const { version, name, path, sha256 } = migration;
    const durationMs = Math.round(performance.now() - started);
    applied.push({ version, name, path, sha256, durationMs });
    options.log(`${path} applied in ${durationMs} ms`);
  }
  return { applied, failure: undefined };
}

async function historyOf(client: Client, place: HistoryPlace): Promise<HistoryRow[]> {
  const history = await readHistory(client, place);
  if (history) return history;
  await createHistory(client, place);
  return [];
}

/** Whatever went wrong between the file's statements is told with the file's name too. */
function asFailure(error: unknown, path: string): MigrationFailure {
  return error instanceof MigrationFailure
    ? error
    : new MigrationFailure(`${path}: ${messageOf(error)}`, path);
}

/** What is reported as applied is on disk: a commit that waits takes those before it along. */
async function flushCommits(client: Client, place: HistoryPlace, version: string | undefined): Promise<void> {
  if (version === undefined) return;
  // After a lost connection nothing can be flushed, and reading the history says so.
  await client
    .query(`update ${quotedTable(place)} set version = version where version = $1`, [version])
    .catch(() => {});
}

/** After a lost connection the history cannot be read: the failure that lost it is what the operator has to see. */
async function reread(
  client: Client,
  place: HistoryPlace,
  failure: MigrationFailure | undefined,
): Promise<HistoryRow[]> {
  try {
    return (await readHistory(client, place)) ?? [];
  } catch (error) {
    throw failure ?? error;
  }
}

export function newestOf(history: HistoryRow[]): string | undefined {
  return history.filter((row) => row.kind === "versioned" || row.kind === "baseline").at(-1)?.version;
}

export function refuse(refusals: string[]): void {
  if (refusals.length > 0) throw new Error(`nothing was run: ${refusals.join("; ")}`);
}

/** Everything that can be known before the first file runs is refused before it. */
async function readScripts(client: Client, migrations: Migration[]): Promise<Map<Migration, Script>> {
  const grammar = await loadGrammar();
  const scripts = new Map(migrations.map((migration) => [migration, readScript(migration, grammar)]));
  refuse([...scripts.values()].flatMap((script) => script.refusals));
  const unclear = [...scripts.values()].filter((script) => script.syntax);
  if (unclear.length > 0 && (await serverMajor(client)) > GRAMMAR_VERSION) {
    // The server may know more than the grammar. Without statements there is no verify block to judge and nothing to step through.
    refuse(unclear.filter((script) => !script.transactional || script.hasVerify).map(syntaxMessage));
    for (const script of unclear) script.syntax = undefined;
  }
  return scripts;
}

async function serverMajor(client: Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  return Math.trunc(Number(rows[0]?.version) / 10_000);
}

async function runFile(
  client: Client,
  migration: Migration,
  version: string,
  script: Script,
  flush: Flush,
  options: UpOptions,
): Promise<void> {
  const { kind, name, sha256 } = migration;
  if (script.syntax) throw new MigrationFailure(syntaxMessage(script), migration.path, SYNTAX_ERROR);
  const row: NewRow = { kind, version, name, sha256, release: options.release };
  const stepwise = { limits: options, signal: options.signal, log: options.log };
  await retryOnLock(client, options, migration.path, () =>
    script.transactional
      ? runInTransaction(client, script, options, recordSql(options.place, row), flush)
      : runStepwise(client, script, row, options.place, stepwise),
  );
}
