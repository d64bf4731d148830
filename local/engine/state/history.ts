// The history of a stack: one record and one copy of the state for every update, refresh and destroy.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Value } from "../types.ts";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { type Backend, list, type StackReference, stackPaths } from "./backend.ts";
import { Failure } from "./failure.ts";
import { isOn } from "./switched-on.ts";

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
  const { PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS, PULUMI_DISABLE_CHECKPOINT_BACKUPS } = environment;
  if (isOn(PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS ?? PULUMI_DISABLE_CHECKPOINT_BACKUPS)) return;
  const backup = join(paths.backups, `${stack.name}.${nanoseconds}.json`);
  await writeAtomically(backup, checkpoint);
}

/** Files of a history folder with this ending, oldest first: by their time, as a stack may have had another name. */
export async function listHistory(folder: string, ending: string): Promise<string[]> {
  const names = (await list(folder)).filter((name) => name.endsWith(ending));
  const timeOf = (name: string) =>
    (/-(\d+)$/.exec(name.slice(0, -ending.length))?.[1] ?? "").padStart(20, "0");
  return names.sort((one, other) => (timeOf(one) < timeOf(other) ? -1 : 1));
}

/** Gives the files of a history folder the stack's new name, as the official command does. */
export async function renameHistory(folder: string, from: string, to: string): Promise<void> {
  for (const name of await list(folder)) {
    if (name.startsWith(`${from}-`))
      await rename(join(folder, name), join(folder, `${to}${name.slice(from.length)}`));
  }
}

/** All records of a stack, newest first. @throws Failure naming a file that is no record. */
export async function readHistory(backend: Backend, stack: StackReference): Promise<HistoryRecord[]> {
  const folder = stackPaths(backend, stack).history;
  const names = await listHistory(folder, ".history.json");
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
