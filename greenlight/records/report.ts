// What a report says from the records: how the deployment differs from the last release, and the way back. That the records cannot
// be read is a note in the report and fails nothing.
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { type RecordDocument, recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import type { FromRecords, Report } from "../../report/report.ts";
import { inFolder } from "../in-folder.ts";
import { newestRecords, recordPlace } from "./bucket.ts";
import { differencesBetween, lastRelease } from "./differences.ts";
import { contentOf, undoOf } from "./failure.ts";
import { wayBack } from "./way-back.ts";

const MOST_RECORDS = 30;

/**
 * @param exported what `exportStack` gave
 * @param directory folder of the system's Pulumi.yaml
 */
export async function fromRecords(
  stack: Stack,
  exported: unknown,
  report: Report,
  directory: string,
): Promise<FromRecords> {
  const place = recordPlace(stack, exported);
  // A preview that was refused has changed nothing.
  if (!place || !report.steps.some(({ ran }) => ran)) return { notes: [] };
  try {
    const environment = { ...process.env, ...stack.workspace.envVars };
    const rollback = undoOf({ directory, stack: stack.name, environment }, new Date(report.finishedAt));
    return sayFrom(await newestRecords(place, MOST_RECORDS, environment), report, directory, rollback);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      notes: [`the records could not be read, so nothing is said of the last release: ${error.message}`],
    };
  }
}

/** @param records oldest first @param rollback what the deployment was to go back to; null in one that went forward */
export function sayFrom(
  records: StoredRecord[],
  report: Report,
  directory: string,
  rollback: RecordDocument["rollback"] = null,
): FromRecords {
  const own = ownRecord(records, report);
  const at = own === undefined ? records.length : records.indexOf(own);
  const current = own?.document ?? asDocument(report, rollback);
  const earlier = records.slice(0, at);
  const base = lastRelease(current, earlier);
  // A rollback that failed is not on record yet; it is what is to be gone on with.
  const unfinished = own === undefined && rollback ? [{ key: "", sha256: "", document: current }] : [];
  return {
    notes: noteOn(current, earlier),
    differences: base ? differencesBetween(base, current) : null,
    wayBack: wayBack({
      stack: report.stack,
      folder: inFolder(directory),
      records: [...records.slice(0, at + 1), ...unfinished],
      steps: report.steps,
      failed: report.verdict === "failed",
    }),
  };
}

/** What a rollback went back to, and what it undid. */
function noteOn({ rollback, result, failure }: RecordDocument, earlier: StoredRecord[]): string[] {
  if (!rollback) return [];
  const named = (key: string) => {
    const release = earlier.find((one) => one.key === key)?.document.release;
    return release === undefined ? key : `${release} (${key})`;
  };
  const { to, undoes } = rollback;
  const ways = `to ${named(to)}${undoes === null ? "" : `, undoing ${named(undoes)}`}`;
  return [
    result === "passed"
      ? `a rollback ${ways}`
      : `a rollback ${ways}; it failed${failure?.step ? ` at ${failure.step}` : ""}: run it again, it goes on from there`,
  ];
}

/** The record that this very deployment wrote. */
function ownRecord(records: StoredRecord[], { steps, verdict }: Report): StoredRecord | undefined {
  const written = steps.find(({ name }) => name === "record")?.facts.key;
  return verdict === "failed" ? undefined : records.find(({ key }) => key === written);
}

function asDocument(report: Report, rollback: RecordDocument["rollback"]): RecordDocument {
  const content = contentOf(report, report.system, rollback);
  return recordDocument().parse({ version: 2, recordedAt: report.finishedAt, previous: null, ...content });
}
