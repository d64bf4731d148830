// One start, stop or reset of a set of services at a time, across processes.
//
// The lock is a file that names its holder. Its holder's death frees it: the record carries the start mark.

import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { waitUntil } from "./deadline.ts";
import { identify, isRunning, processRecord } from "./process-identity.ts";

let drafts = 0;

/** Runs `body` while holding `lockFile`. @throws when another process holds it longer than `timeoutSeconds`. */
export async function withLock<T>(
  lockFile: string,
  timeoutSeconds: number,
  body: () => Promise<T>,
): Promise<T> {
  const mine = JSON.stringify(await identify(process.pid));
  await waitUntil(
    () => acquire(lockFile, mine),
    timeoutSeconds,
    async () =>
      new Error(
        `lock "${lockFile}": held by pid ${(await holderOf(lockFile))?.pid ?? "unknown"} for over ${timeoutSeconds} s; wait for it or end that process`,
      ),
  );
  try {
    return await body();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function acquire(lockFile: string, mine: string): Promise<true | undefined> {
  if (await appears(lockFile, mine)) return true;
  if (await isDead(lockFile)) await takeAway(lockFile, mine);
  return undefined;
}

/** Takes a dead holder's file away. One waiter at a time, which looks again: by now it may be the file of one that lives. */
async function takeAway(lockFile: string, mine: string): Promise<void> {
  const guard = `${lockFile}.guard`;
  if (!(await appears(guard, mine))) {
    if (await isDead(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isDead(lockFile)) await rm(lockFile, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Linked, not written: the file appears with its content or not at all. @returns false where there is one */
async function appears(file: string, mine: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${++drafts}`;
  try {
    // A reset that held it may have taken the folder away.
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, mine, { mode: 0o600 });
    await link(draft, file);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EEXIST", "ENOENT"].includes(code)) throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isDead(file: string): Promise<boolean> {
  const holder = await holderOf(file);
  return holder !== undefined && !(await isRunning(holder));
}

async function holderOf(lockFile: string) {
  try {
    return processRecord.parse(JSON.parse(await readFile(lockFile, "utf8")));
  } catch {
    return undefined; // gone
  }
}
