// One start, stop or reset of a set of services at a time, across processes.
//
// The lock is a file that names its holder. Its holder's death frees it: the record carries the start mark.

import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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
  const draft = `${lockFile}.${process.pid}.${++drafts}`;
  try {
    // A reset that held it may have taken the folder away.
    await mkdir(dirname(lockFile), { recursive: true });
    await writeFile(draft, mine, { mode: 0o600 });
    await link(draft, lockFile); // the file appears with its content or not at all
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EEXIST", "ENOENT"].includes(code)) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const holder = await holderOf(lockFile);
  if (holder === undefined || (await isRunning(holder))) return undefined;
  // Two waiters may both see the dead holder; only one of them can move its file away.
  const grave = `${lockFile}.${process.pid}.dead`;
  try {
    await rename(lockFile, grave);
    await rm(grave, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return undefined;
}

async function holderOf(lockFile: string) {
  try {
    return processRecord.parse(JSON.parse(await readFile(lockFile, "utf8")));
  } catch {
    return undefined; // gone
  }
}
