// How long a rollback to a recorded release is likely to take: the steps that it runs, as long as they took then. Pure.
import type { RecordDocument } from "./document.ts";

/** What a rollback does not do, or what waits for people. */
const WITHOUT = ["acceptance", "rehearsal", "candidate", "build", "baseline", "announcement", "rollback"];

/** Seconds by step, in the order in which they ran. */
export function durationsOf({ steps }: Pick<RecordDocument, "steps">): { [step: string]: number } {
  const timed = Object.entries(steps).filter(([name]) => !WITHOUT.includes(name));
  timed.sort(([, a], [, b]) => a.finishedAt.localeCompare(b.finishedAt));
  return Object.fromEntries(timed.map(([name, { durationSeconds }]) => [name, durationSeconds ?? 0]));
}

/** Of the whole, rounded. */
export function expectedSeconds(document: Pick<RecordDocument, "steps">): number {
  return Math.round(Object.values(durationsOf(document)).reduce((sum, one) => sum + one, 0));
}
