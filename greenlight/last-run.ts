// Which steps of a stack's state its last update ran, where nobody saw that update: those that began after the record before it.
// Steps that did not run again kept the times of an earlier one. Pure.
import type { StepReport } from "../report/steps.ts";

const TIME_IN_KEY = /(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-[0-9a-f]+\.json$/;

/** The names of those steps; all of them where the stack keeps no records. @param steps in the order in which they finished */
export function lastRun(steps: StepReport[]): Set<string> {
  const before = recordedBefore(steps);
  return new Set(steps.filter(({ startedAt = "" }) => startedAt > before).map(({ name }) => name));
}

/** When the update before the last one was recorded, RFC 3339 UTC; empty where that is not known. */
function recordedBefore(steps: StepReport[]): string {
  const record = steps.find(({ name }) => name === "record");
  if (record === undefined) return "";
  // A record is the last step of an update that got so far.
  if (record !== steps.at(-1)) return record.finishedAt ?? "";
  const found = TIME_IN_KEY.exec(String(record.facts.previousKey));
  if (!found) return "";
  const [, day, hours, minutes, seconds, milliseconds] = found;
  return `${day}T${hours}:${minutes}:${seconds}.${milliseconds}Z`;
}
