// The way back from one release as data: put together from the records, shown by the page and the summary.

export interface WayBack {
  /** The release that it leads to; null where there is none. */
  target: { key: string; release: string; recordedAt: string } | null;
  /** Why there is none. */
  reason: string | null;
  /** Why none has to be gone: nothing of the release is where it counts. */
  needless: string | null;
  /** Exactly what to run, and what it does. */
  commands: { does: string; command: string }[];
  /** What it would do, part by part. */
  undone: string[];
  /** Data that would be lost. */
  lost: string[];
  /** What cannot be undone, and why. */
  impossible: string[];
  /** How long it is likely to take, and from what that is known. */
  expected: { seconds: number; from: string } | null;
}
