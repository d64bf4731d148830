// The lock of a stack: one file per holder, so that two updates never run at once. The official layout and message.
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { type Backend, currentUser, list, type StackReference, stackPaths } from "./backend.ts";
import { Failure, isSystemError } from "./failure.ts";

/** A held lock. */
export interface StackLock {
  release(): Promise<void>;
}

interface Holder {
  path: string;
  text: string;
}

/** Takes the lock. @throws Failure naming every other holder; then nothing of ours is left behind. */
export async function lockStack(backend: Backend, stack: StackReference): Promise<StackLock> {
  const folder = stackPaths(backend, stack).locks;
  const path = join(folder, `${randomUUID()}.json`);
  const now = new Date().toISOString();
  await removeAbandoned(folder);
  await refuseOthers(folder, path);
  await writeAtomically(path, JSON.stringify({ pid: process.pid, ...currentUser(), timestamp: now }));
  const atExit = () => rmSync(path, { force: true });
  process.once("exit", atExit);
  try {
    // Looked at again after writing: of two that start together, each sees the other.
    await refuseOthers(folder, path);
  } catch (error) {
    await rm(path, { force: true });
    process.off("exit", atExit);
    throw error;
  }
  return {
    async release() {
      await rm(path, { force: true });
      process.off("exit", atExit);
    },
  };
}

// A holder that was killed cannot remove its lock. Only a process of this machine and user can be known to be gone.
async function removeAbandoned(folder: string): Promise<void> {
  const user = currentUser();
  for (const holder of await readHolders(folder)) {
    const { pid, username, hostname } = parseHolder(holder.text);
    if (
      username === user.username &&
      hostname === user.hostname &&
      typeof pid === "number" &&
      !isRunning(pid)
    ) {
      await rm(holder.path, { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isSystemError(error, "ESRCH");
  }
}

async function refuseOthers(folder: string, own: string): Promise<void> {
  const holders = (await readHolders(folder)).filter((holder) => holder.path !== own);
  if (holders.length === 0) return;
  const lines = holders.map((holder) => `  ${holder.path}: ${describe(holder.text)}`);
  throw new Failure(
    `the stack is currently locked by ${holders.length} lock(s). Either wait for the other process(es) to end ` +
      `or delete the lock file with \`pulumi cancel\`.\n${lines.join("\n")}`,
  );
}

async function readHolders(folder: string): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const name of (await list(folder)).sort()) {
    if (!name.endsWith(".json")) continue;
    const path = join(folder, name);
    const text = await readOptional(path);
    if (text !== undefined) holders.push({ path, text });
  }
  return holders;
}

function describe(text: string): string {
  const { username, hostname, pid, timestamp } = parseHolder(text);
  return pid === undefined
    ? "created by an unknown process"
    : `created by ${username}@${hostname} (pid ${pid}) at ${timestamp}`;
}

function parseHolder(text: string): {
  pid?: unknown;
  username?: unknown;
  hostname?: unknown;
  timestamp?: unknown;
} {
  try {
    const holder: unknown = JSON.parse(text);
    return typeof holder === "object" && holder !== null ? holder : {};
  } catch {
    return {};
  }
}

/** Removes every lock of a stack (`pulumi cancel`). Returns how many there were. */
export async function removeLocks(backend: Backend, stack: StackReference): Promise<number> {
  const folder = stackPaths(backend, stack).locks;
  const holders = await readHolders(folder);
  for (const holder of holders) {
    await rm(holder.path, { force: true });
    await rm(`${holder.path}.attrs`, { force: true });
  }
  return holders.length;
}
