// What a report says from the records: how the deployment differs from the last release, and the way back. That the records cannot
// be read is a note in the report and fails nothing.
import { relative } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { type RecordDocument, recordDocument } from "../../checks/record/document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import type { FromRecords, Report } from "../../report/report.ts";
import { newestRecords, recordPlace } from "./bucket.ts";
import { differencesBetween, lastRelease } from "./differences.ts";
import { contentOf } from "./failure.ts";
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
    return sayFrom(await newestRecords(place, MOST_RECORDS, environment), report, directory);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return {
      notes: [`the records could not be read, so nothing is said of the last release: ${error.message}`],
    };
  }
}

/** @param records oldest first */
export function sayFrom(records: StoredRecord[], report: Report, directory: string): FromRecords {
  const own = ownRecord(records, report);
  const at = own === undefined ? records.length : records.indexOf(own);
  const current = own?.document ?? asDocument(report);
  const base = lastRelease(current, records.slice(0, at));
  const folder = relative(process.cwd(), directory);
  return {
    notes: [],
    differences: base ? differencesBetween(base, current) : null,
    wayBack: wayBack({
      stack: report.stack,
      folder: folder === "" ? "" : ` -C ${folder}`,
      records: records.slice(0, at + 1),
      steps: report.steps,
      failed: report.verdict === "failed",
    }),
  };
}

/** The record that this very deployment wrote. */
function ownRecord(records: StoredRecord[], { steps, verdict }: Report): StoredRecord | undefined {
  const written = steps.find(({ name }) => name === "record")?.facts.key;
  return verdict === "failed" ? undefined : records.find(({ key }) => key === written);
}

function asDocument(report: Report): RecordDocument {
  const content = contentOf(report, report.system);
  return recordDocument().parse({ version: 2, recordedAt: report.finishedAt, previous: null, ...content });
}
