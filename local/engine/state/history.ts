// The history of a stack: one record and one copy of the state for every update, refresh and destroy.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Value } from "../types.ts";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { type Backend, list, type StackReference, stackPaths } from "./backend.ts";
import { Failure } from "./failure.ts";

/** One finished operation. Times are unix seconds; configuration values are as in the stack file, secrets sealed. */
export interface HistoryRecord {
  kind: "update" | "refresh" | "destroy" | "import" | "rename" | "preview" | "resource-import";
  startTime: number;
  message: string;
  environment: { [key: string]: string };
  config: { [key: string]: Value };
  version: number;
  result: "succeeded" | "failed" | "in-progress";
  endTime: number;
  resourceChanges?: { [op: string]: number };
}

/** Adds a record; `checkpoint` is the text of the state after it. */
export async function appendHistory(
  backend: Backend,
  stack: StackReference,
  record: HistoryRecord,
  checkpoint: string,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const paths = stackPaths(backend, stack);
  const nanoseconds = `${Date.now()}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, "0")}`;
  const stem = join(paths.history, `${stack.name}-${nanoseconds}`);
  await writeAtomically(`${stem}.history.json`, JSON.stringify(record));
  // Copies for people and `stack history`: a torn one costs nothing, so they are not flushed.
  await writeFile(`${stem}.checkpoint.json`, checkpoint, { mode: 0o600 });
  if (environment.PULUMI_DISABLE_CHECKPOINT_BACKUPS === "true") return;
  const backup = join(paths.backups, `${stack.name}.${nanoseconds}.json`);
  await writeAtomically(backup, checkpoint);
}

/** All records of a stack, newest first. @throws Failure naming a file that is no record. */
export async function readHistory(backend: Backend, stack: StackReference): Promise<HistoryRecord[]> {
  const folder = stackPaths(backend, stack).history;
  const names = (await list(folder)).filter((name) => name.endsWith(".history.json")).sort();
  const records: HistoryRecord[] = [];
  for (const name of names.reverse()) {
    const text = await readOptional(join(folder, name));
    try {
      records.push(JSON.parse(text ?? ""));
    } catch (error) {
      throw new Failure(`history "${join(folder, name)}": not a whole JSON document; remove it`, 1, {
        cause: error,
      });
    }
  }
  return records;
}
