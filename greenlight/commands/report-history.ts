// `greenlight report --history`: the releases of a stack over time and the DORA figures, from its records.
import type { StoredRecord } from "../../checks/record/links.ts";
import type { History } from "../../report/history.ts";
import { renderHistoryPage } from "../../report/history-page.ts";
import { renderHistoryTable } from "../../report/history-words.ts";
import { existingStack } from "../engine.ts";
import { existingRecordPlace, recordsSince } from "../records/bucket.ts";
import { readCopies } from "../records/copies.ts";
import { historyOf } from "../records/history.ts";
import { reportFolder, writeInto } from "../report-files.ts";

const DAY_MILLISECONDS = 86_400_000;

export interface HistoryOptions {
  stack: string | undefined;
  /** Folder with copies of records, instead of the stack's bucket. */
  records: string | undefined;
  /** Folder of Pulumi.yaml. */
  directory: string;
  days: number;
  /** Folder for the page and its data. @default as for a report */
  output: string | undefined;
  json: boolean;
}

export async function reportHistory(options: HistoryOptions): Promise<number> {
  const to = new Date();
  const from = new Date(to.getTime() - options.days * DAY_MILLISECONDS);
  const history = historyOf(await recordsOf(options, from), from, to);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(history)}\n`);
    return 0;
  }
  process.stdout.write(renderHistoryTable(history));
  for (const file of await save(history, options.output)) process.stdout.write(`\n${file}`);
  process.stdout.write("\n");
  return 0;
}

async function recordsOf(
  { stack: name = "", records, directory }: HistoryOptions,
  since: Date,
): Promise<StoredRecord[]> {
  if (records !== undefined) return readCopies(records);
  const { stack } = await existingStack(name, directory);
  return recordsSince(await existingRecordPlace(stack), since);
}

/** Writes the page and its data and gives their paths. */
async function save(history: History, output: string | undefined): Promise<string[]> {
  return writeInto(output ?? reportFolder(history.system), [
    ["history.html", renderHistoryPage(history)],
    ["history.json", `${JSON.stringify(history, null, 2)}\n`],
  ]);
}
