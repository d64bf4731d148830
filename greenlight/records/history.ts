// What happened on a stack, from its records: which run was a deployment, which failed or was undone, and when that was over. Pure.
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { percentile } from "../../checks/percentile.ts";
import type { RecordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import type { Dora, EntryKind, History, HistoryEntry } from "../../report/history.ts";

/** Steps that change what runs. */
const CHANGING = ["migration", "release", "site", "reversal"];
/** What tells one release from another. */
const IDENTITY = ["release", "application", "site", "migrations", "settings"];
const WEEK_SECONDS = 604_800;

interface Run extends HistoryEntry {
  document: RecordDocument;
  commitSeconds: number[];
}

/**
 * @param records oldest first; those before `from` only say what was there
 * @param to the end of the window, as a rule now
 */
export function historyOf(records: StoredRecord[], from: Date, to: Date): History {
  const runs = records.map((record, index) => runOf(record, records.slice(0, index)));
  linkRollbacks(runs);
  const failures = endFailures(runs);
  const shown = runs.filter(({ recordedAt }) => within(recordedAt, from, to));
  const { system = "", stack = "" } = records.at(-1)?.document ?? {};
  return {
    format: 1,
    system,
    stack,
    from: from.toISOString(),
    to: to.toISOString(),
    dora: doraOf(
      shown,
      failures.filter(({ at }) => within(at, from, to)),
      secondsBetween(from, to),
    ),
    releases: shown.map(({ document: _document, commitSeconds: _commits, ...entry }) => entry),
  };
}

function runOf({ key, document }: StoredRecord, earlier: StoredRecord[]): Run {
  const before = earlier.at(-1)?.document.recordedAt ?? "";
  // Steps that did not run again kept the times of the run that they are from.
  const own = Object.entries(document.steps).filter(([, { startedAt }]) => startedAt > before);
  const began = [
    document.startedAt ?? document.recordedAt,
    ...own.map(([, { startedAt }]) => startedAt),
  ].sort();
  const startedAt = document.rollback
    ? new Date(Date.parse(document.recordedAt) - document.rollback.seconds * 1000).toISOString()
    : (began[0] ?? document.recordedAt);
  const changing = own.some(([name]) => CHANGING.includes(name));
  const commitSeconds =
    document.result === "passed"
      ? document.commits.map(({ committedAt }) => secondsBetween(committedAt, document.recordedAt))
      : [];
  return {
    key,
    release: document.release,
    kind: kindOf(document, changing, earlier),
    result: document.result,
    startedAt,
    recordedAt: document.recordedAt,
    durationSeconds: secondsBetween(startedAt, document.recordedAt),
    failedStep: document.failure?.step ?? null,
    undoneBy: null,
    undoes: document.rollback?.undoes ?? null,
    backTo: document.rollback
      ? (earlier.find(({ key: one }) => isNamed(one, document.rollback?.to))?.document.release ?? null)
      : null,
    leadSeconds: median(commitSeconds),
    restoredAfterSeconds: null,
    document,
    commitSeconds,
  };
}

function kindOf(document: RecordDocument, changing: boolean, earlier: StoredRecord[]): EntryKind {
  if (document.rollback) return "rollback";
  if (changing) return "deployment";
  if (document.result === "failed") return "stopped";
  const last = earlier.filter((one) => one.document.result === "passed").at(-1);
  return last && isDeepStrictEqual(identityOf(last.document), identityOf(document)) ? "proof" : "deployment";
}

function identityOf({ parts }: RecordDocument): (string | null)[] {
  return IDENTITY.map((part) => parts[part] ?? null);
}

/** A rollback undoes the deployment of the release that its record names, which may have been proven again since. */
function linkRollbacks(runs: Run[]): void {
  for (const rollback of runs.filter(({ kind, result }) => kind === "rollback" && result === "passed")) {
    const named = runs.findIndex(({ key }) => isNamed(key, rollback.undoes));
    const undone = runs.slice(0, named + 1).findLast(({ kind }) => kind === "deployment");
    if (undone) undone.undoneBy = rollback.key;
  }
}

interface Failure {
  at: string;
  seconds: number | null;
}

/** A failure goes on until the next deployment that stayed, or a rollback; further ones meanwhile are part of it. */
function endFailures(runs: Run[]): Failure[] {
  const failures: Failure[] = [];
  let open: Run[] = [];
  for (const run of runs) {
    const failed = isFailed(run);
    if (!failed && run.result === "passed" && run.kind !== "stopped" && run.kind !== "proof") {
      const [first] = open;
      for (const one of open) one.restoredAfterSeconds = secondsBetween(one.recordedAt, run.recordedAt);
      if (first) failures.push({ at: first.recordedAt, seconds: first.restoredAfterSeconds });
      open = [];
    }
    if (failed) open.push(run);
  }
  const [first] = open;
  return first ? [...failures, { at: first.recordedAt, seconds: null }] : failures;
}

/** Whether a change failed: what failed before it changed anything did not. */
function isFailed({ kind, result, undoneBy }: HistoryEntry): boolean {
  return kind === "deployment" && (result === "failed" || undoneBy !== null);
}

/** Copies on a machine have the names of the objects without their folder. */
function isNamed(key: string, named: string | null | undefined): boolean {
  return typeof named === "string" && basename(key) === basename(named);
}

function doraOf(runs: Run[], failures: Failure[], seconds: number): Dora {
  const deployments = runs.filter(({ kind }) => kind === "deployment");
  const failed = deployments.filter(isFailed).length;
  const lead = runs.flatMap(({ commitSeconds }) => commitSeconds);
  const ended = failures.flatMap((failure) => failure.seconds ?? []);
  return {
    deployments: deployments.length,
    perWeek: (deployments.length * WEEK_SECONDS) / seconds,
    lead: { commits: lead.length, medianSeconds: median(lead) },
    changeFailure: { failed, rate: deployments.length === 0 ? null : failed / deployments.length },
    restore: { ended: ended.length, open: failures.length - ended.length, medianSeconds: median(ended) },
  };
}

function median(values: number[]): number | null {
  return values.length === 0
    ? null
    : percentile(
        values.toSorted((a, b) => a - b),
        50,
      );
}

function within(at: string, from: Date, to: Date): boolean {
  return Date.parse(at) >= from.getTime() && Date.parse(at) <= to.getTime();
}

function secondsBetween(from: string | Date, to: string | Date): number {
  return (new Date(to).getTime() - new Date(from).getTime()) / 1000;
}
