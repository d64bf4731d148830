// Releases over time as data, and the four figures of DORA that follow from them. docs/report.md has the definitions with their
// source. Filled from the records of a stack; shown as a table, as JSON and as a page.

/**
 * `deployment` changed what runs, or was to; `stopped` failed before anything was changed; `rollback` went back; `proof` proved
 * again what was there.
 */
export type EntryKind = "deployment" | "stopped" | "rollback" | "proof";

export interface HistoryEntry {
  key: string;
  release: string;
  kind: EntryKind;
  result: "passed" | "failed";
  /** RFC 3339 UTC: the first thing that this run did, and its record. */
  startedAt: string;
  recordedAt: string;
  durationSeconds: number;
  /** The step that failed, where one did. */
  failedStep: string | null;
  /** Of a release: the record of the rollback that undid it. */
  undoneBy: string | null;
  /** Of a rollback: the record of what it undid, and the release that it went back to. */
  undoes: string | null;
  backTo: string | null;
  /** From the commit to here, the median of the commits that it brought; null where none are known. */
  leadSeconds: number | null;
  /** From the failure to the deployment or rollback that ended it; null where it did not fail, or nothing ended it yet. */
  restoredAfterSeconds: number | null;
}

export interface Dora {
  deployments: number;
  perWeek: number;
  /** Commits whose time is known, and the median of theirs. */
  lead: { commits: number; medianSeconds: number | null };
  /** Deployments that failed or were undone, as a share of all. */
  changeFailure: { failed: number; rate: number | null };
  /** Failures that were ended, the median time until then, and those that go on. */
  restore: { ended: number; open: number; medianSeconds: number | null };
}

export interface History {
  format: 1;
  system: string;
  stack: string;
  /** The window that is looked at. */
  from: string;
  to: string;
  dora: Dora;
  /** Oldest first. */
  releases: HistoryEntry[];
}
