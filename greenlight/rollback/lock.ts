// One rollback at a time on this machine: its project is put together in a folder of its own, which a second one must not
// take from under the first. Other machines and updates are kept off by the stack's own lock.
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { isRunning } from "../../checks/running.ts";

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
  await mkdir(dirname(file), { recursive: true });
  const written = `${file}.${randomUUID()}`;
  await writeFile(written, JSON.stringify(own));
  try {
    while (!(await isLinked(written, file))) {
      const found = await heldBy(file);
      if (found && isRunning(found.pid))
        throw new Error(
          `rollback of stack "${stack}": under way by ${found.user}@${found.host} (pid ${found.pid}) since ${found.since}, want one at a time; wait for it. Nothing was touched`,
        );
      await takeAway(file, written);
    }
  } finally {
    await rm(written, { force: true });
  }
}

/** Takes a dead process's file away. One process at a time, which looks again: by now it may be the file of one that lives. */
async function takeAway(file: string, written: string): Promise<void> {
  const guard = `${file}.guard`;
  if (!(await isLinked(written, guard))) {
    const other = await heldBy(guard);
    if (other && !isRunning(other.pid)) await rm(guard, { force: true });
    else await delay(10);
    return;
  }
  try {
    const found = await heldBy(file);
    if (found === null || (found && !isRunning(found.pid))) await rm(file, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Linked, not written: it appears whole, and only where there is none. */
async function isLinked(written: string, file: string): Promise<boolean> {
  try {
    await link(written, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** Undefined where the holder has let go by now; null where the file says nothing. */
async function heldBy(file: string): Promise<z.output<typeof holder> | null | undefined> {
  try {
    return holder.safeParse(JSON.parse(await readFile(file, "utf8"))).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
