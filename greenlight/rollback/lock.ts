// One rollback at a time on this machine: its project is put together in a folder of its own, which a second one must not
// take from under the first. Other machines and updates are kept off by the stack's own lock.
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
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
  for (;;) {
    // Linked, not written: it appears whole, and only where there is none.
    const written = `${file}.${process.pid}`;
    await writeFile(written, JSON.stringify(own));
    try {
      await link(written, file);
      return;
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    } finally {
      await rm(written, { force: true });
    }
    const found = await heldBy(file);
    if (found && isRunning(found.pid))
      throw new Error(
        `rollback of stack "${stack}": under way by ${found.user}@${found.host} (pid ${found.pid}) since ${found.since}, want one at a time; wait for it. Nothing was touched`,
      );
    await rm(file, { force: true });
  }
}

/** Undefined where the holder has let go by now, or the file says nothing. */
async function heldBy(file: string): Promise<z.output<typeof holder> | undefined> {
  try {
    return holder.safeParse(JSON.parse(await readFile(file, "utf8"))).data;
  } catch (error) {
    if (error instanceof SyntaxError || isCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
