// One start, stop or reset of a set of services at a time, across processes.
//
// The lock is a file that names its holder. Its holder's death frees it: the record carries the start mark.

import { rm } from "node:fs/promises";
import { readLock, tryLock } from "../lock-file.ts";
import { waitUntil } from "./deadline.ts";
import { identify, isRunning, processRecord } from "./process-identity.ts";

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
  const isDead = async (record: string) => {
    const holder = parsed(record);
    return holder !== undefined && !(await isRunning(holder));
  };
  return (await tryLock(lockFile, { record: mine, mode: 0o600, isDead })) || undefined;
}

async function holderOf(lockFile: string) {
  return parsed((await readLock(lockFile)) ?? "");
}

/** Undefined where it says nothing that can be understood. */
function parsed(record: string) {
  try {
    return processRecord.parse(JSON.parse(record));
  } catch {
    return undefined;
  }
}
