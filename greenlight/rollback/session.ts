// What a rollback decided when it began, kept until it is through: a run that was killed is finished by the next, with the same
// target, and its time counts from the first.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { readOwn } from "../../checks/own-document.ts";
import type { StoredRecord } from "../../checks/record/links.ts";
import { writeAtomically } from "../../checks/write-atomically.ts";

const session = () =>
  z.strictObject({
    to: z.string(),
    undoes: z.string().nullable(),
    startedAt: z.iso.datetime(),
    /** Figures of the backup to restore; null takes the database back by down files. */
    backup: z.json().nullable(),
  });
export type Session = z.output<ReturnType<typeof session>>;

/** The rollback that is under way here, if one is. @throws when the file is none of ours */
export async function readSession(file: string): Promise<Session | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  return readOwn(session(), text, file, "delete it, and the rollback chooses again what it goes back to");
}

/** Whether people went forward instead: a release passed since it began, and what it was to undo is no longer what runs. */
export function isLeftBehind({ startedAt }: Session, records: StoredRecord[]): boolean {
  return records.some(
    ({ document: { result, rollback, recordedAt } }) =>
      result === "passed" && !rollback && recordedAt > startedAt,
  );
}

export async function keepSession(file: string, kept: Session): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeAtomically(file, `${JSON.stringify(kept)}\n`);
}

export async function endSession(file: string): Promise<void> {
  await rm(file, { force: true });
}
