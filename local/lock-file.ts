// A lock that is a file: it appears with its holder's record or not at all, and one that a dead process left can be taken over.
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Who wants a lock. */
export interface Claim {
  /** Says who it is. */
  record: string;
  /** Of the file. @default as the process makes files */
  mode?: number;
  /** Whether the holder that another record names is gone for good. */
  isDead(record: string): boolean | Promise<boolean>;
}

/** One try, for a caller that asks again. @returns whether the file is ours now; one that a dead process left is away after it */
export async function tryLock(file: string, claim: Claim): Promise<boolean> {
  if (await appears(file, claim)) return true;
  if (await isLeft(file, claim)) await takeAway(file, claim);
  return false;
}

/** One process at a time, which looks again: by now it may be the file of one that lives. */
async function takeAway(file: string, claim: Claim): Promise<void> {
  const guard = `${file}.guard`;
  if (!(await appears(guard, claim))) {
    if (await isLeft(guard, claim)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isLeft(file, claim)) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Linked, not written, so that nobody reads half of it. @returns false where there is one */
async function appears(file: string, { record, mode }: Claim): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, record, mode === undefined ? {} : { mode });
    await link(draft, file);
    return true;
  } catch (error) {
    // Where a reset that held it took the folder away meanwhile, there is nothing to link: another try makes it anew.
    if (!["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isLeft(file: string, { isDead }: Claim): Promise<boolean> {
  const record = await readLock(file);
  return record !== undefined && (await isDead(record));
}

/** The record of its holder; undefined where there is none. */
export async function readLock(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
