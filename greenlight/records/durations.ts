// How long the steps of a stack take, from its records: what a running deployment is compared with. Pure.
import { percentile } from "../../checks/percentile.ts";
import type { StoredRecord } from "../../checks/record/links.ts";

/**
 * The median of each step's durations, in seconds, over the runs in which it ran and passed.
 * @param records oldest first
 */
export function durationsOf(records: StoredRecord[]): { [step: string]: number } {
  const seen = new Map<string, number[]>();
  for (const [index, { document }] of records.entries()) {
    const before = records[index - 1]?.document.recordedAt ?? "";
    for (const [name, { startedAt, durationSeconds, result }] of Object.entries(document.steps)) {
      // A step that did not run again has kept the times of an earlier run.
      if (startedAt <= before || durationSeconds === undefined || result === "failed") continue;
      seen.set(name, [...(seen.get(name) ?? []), durationSeconds]);
    }
  }
  return Object.fromEntries(
    [...seen].map(([name, values]) => [
      name,
      percentile(
        values.toSorted((a, b) => a - b),
        50,
      ),
    ]),
  );
}
