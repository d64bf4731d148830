// The example systems of a clone, and what the demo says of them as JSON.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Counts, VERDICTS } from "../report/checklist.ts";
import type { Report } from "../report/report.ts";

/** The names of the folders that are projects of Pulumi, in order. */
export function exampleSystems(examples: string): string[] {
  return readdirSync(examples)
    .filter((name) => existsSync(join(examples, name, "Pulumi.yaml")))
    .sort();
}

/** A report whose `checklist` has the counts of its boxes beside the boxes. */
export function documentOf(report: Report) {
  const { counts, ...checklist } = report.checklist ?? { counts: sumOf([]) };
  return { ...report, checklist: { ...counts, ...checklist } };
}

/** Several reports by their systems, with the counts of all their boxes. */
export function documentOfAll(reports: Report[]) {
  const documents = reports.map(documentOf);
  return {
    systems: Object.fromEntries(documents.map((document) => [document.system, document])),
    checklist: sumOf(documents.map(({ checklist }) => checklist)),
  };
}

/** The sums of the counts of several checklists. */
export function sumOf(counts: Counts[]): Counts {
  const sum: Counts = { total: 0, proven: 0, signed: 0, waived: 0, notApplicable: 0, pending: 0, open: 0 };
  for (const one of counts) {
    sum.total += one.total;
    for (const verdict of VERDICTS) sum[verdict] += one[verdict];
  }
  return sum;
}
