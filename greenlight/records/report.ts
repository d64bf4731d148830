// What a report says from the records: how the deployment differs from the last release, and the way back. That the records cannot
// be read is a note in the report and fails nothing.
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { type RecordDocument, recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { newestOther, sayTarget } from "../../checks/record/target.ts";
import type { FromRecords, Report } from "../../report/report.ts";
import { inFolder } from "../in-folder.ts";
import { recordPlace, recordsUntil } from "./bucket.ts";
import { differencesBetween, lastRelease } from "./differences.ts";
import { contentOf, undoOf } from "./failure.ts";
import { wayBack } from "./way-back.ts";

/**
 * @param exported what `exportStack` gave
 * @param directory folder of the Pulumi.yaml that was deployed
 * @param commandsIn where the commands are run that it names
 */
export async function fromRecords(
  stack: Stack,
  exported: unknown,
  report: Report,
  directory: string,
  commandsIn: string,
): Promise<FromRecords> {
  const place = recordPlace(stack, exported);
  // A preview that was refused has changed nothing.
  if (!place || !report.steps.some(({ ran }) => ran)) return { notes: [] };
  try {
    const environment = { ...process.env, ...stack.workspace.envVars };
    const rollback = undoOf({ directory, stack: stack.name, environment }, new Date(report.finishedAt));
    const enough = (records: StoredRecord[]) => reachBack(records, report, rollback);
    return sayFrom(await recordsUntil(place, enough, environment), report, commandsIn, rollback);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      notes: [`the records could not be read, so nothing is said of the last release: ${error.message}`],
    };
  }
}

/** @param records oldest first @param commandsIn where the commands are run that it names @param rollback what the deployment was to go back to; null in one that went forward */
export function sayFrom(
  records: StoredRecord[],
  report: Report,
  commandsIn: string,
  rollback: RecordDocument["rollback"] = null,
): FromRecords {
  const { own, current, earlier } = around(records, report, rollback);
  const base = lastRelease(current, earlier);
  // A rollback that failed is not on record yet; it is what is to be gone on with.
  const unfinished = own === undefined && rollback ? [{ key: "", sha256: "", document: current }] : [];
  return {
    notes: noteOn(current, earlier),
    differences: base ? differencesBetween(base, current) : null,
    wayBack: wayBack({
      stack: report.stack,
      folder: inFolder(commandsIn),
      records: [...earlier, ...(own ? [own] : []), ...unfinished],
      steps: report.steps,
      failed: report.verdict === "failed",
    }),
  };
}

/** The record of the deployment, what it says or would say, and those before it. */
function around(records: StoredRecord[], report: Report, rollback: RecordDocument["rollback"]) {
  const own = ownRecord(records, report);
  const earlier = own === undefined ? records : records.slice(0, records.indexOf(own));
  return { own, current: own?.document ?? asDocument(report, rollback), earlier };
}

/** Whether the release before is among these records, and where the way back leads. */
function reachBack(records: StoredRecord[], report: Report, rollback: RecordDocument["rollback"]): boolean {
  const { current, earlier } = around(records, report, rollback);
  return (
    newestOther(earlier, current.parts) !== undefined &&
    sayTarget(records, undefined, report.verdict === "failed")
  );
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
  const content = contentOf(report, report, rollback);
  return recordDocument().parse({ version: 2, recordedAt: report.finishedAt, previous: null, ...content });
}
