// One rollback at a time on this machine: its project is put together in a folder of its own, which a second one must not
// take from under the first. Other machines and updates are kept off by the stack's own lock.
import { rm } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { isRunning } from "../../checks/running.ts";
import { readLock, tryLock } from "../../local/lock-file.ts";

const holder = z.object({ pid: z.number(), user: z.string(), host: z.string(), since: z.string() });

/**
 * Runs `use` while the file says who is at it; one that a dead process left is taken over.
 * @throws naming the holder when there is one
 */
export async function whileHolding<T>(file: string, stack: string, use: () => Promise<T>): Promise<T> {
  await take(file, stack);
  try {
    return await use();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, stack: string): Promise<void> {
  const own = {
    pid: process.pid,
    user: userInfo().username,
    host: hostname(),
    since: new Date().toISOString(),
  };
  while (!(await tryLock(file, { record: JSON.stringify(own), isDead }))) {
    const found = parsed((await readLock(file)) ?? "");
    if (found && isRunning(found.pid))
      throw new Error(
        `rollback of stack "${stack}": under way by ${found.user}@${found.host} (pid ${found.pid}) since ${found.since}, want one at a time; wait for it. Nothing was touched`,
      );
    await delay(10);
  }
}

/** A file that says nothing is nobody's. */
function isDead(record: string): boolean {
  const found = parsed(record);
  return found === undefined || !isRunning(found.pid);
}

function parsed(record: string): z.output<typeof holder> | undefined {
  try {
    return holder.safeParse(JSON.parse(record)).data;
  } catch {
    return undefined;
  }
}
