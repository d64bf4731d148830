// An update that another one's lock kept from beginning: nothing was changed, and who holds the lock is said.
import { hostname, userInfo } from "node:os";
import { ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation/index.js";
import { isRunning } from "../checks/running.ts";

/** Throws on, in the engine's words, when the error is about the stack's lock. @throws saying who holds it */
export function refuseLocked(error: unknown, stack: string): void {
  if (!(error instanceof ConcurrentUpdateError)) return;
  throw new Error(
    `stack "${stack}": ${holderOf(error.message)}; nothing was touched, run it again when that update has ended`,
    { cause: error },
  );
}

/** The lines of the engine that name the lock and its holders. */
function holderOf(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  const told = lines.filter((line) => /currently locked by|created by|\[409\]|Another update/.test(line));
  const said = told.map((line) => line.replace(/^(stderr|error): /g, "").replace(/^error: /, ""));
  // Pulumi's own error holds the output twice.
  return [...new Set(said)].join(" ") || message;
}

/**
 * Takes away the locks that an update which was killed on this machine left, so that it can be finished. The embedded engine
 * does so itself; the Pulumi CLI leaves it to people.
 * @returns whether the stack is free now
 */
export async function freeAbandoned(stack: Pick<Stack, "cancel">, error: unknown): Promise<boolean> {
  if (!(error instanceof ConcurrentUpdateError)) return false;
  const holders = [...error.message.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\)/g)];
  const user = userInfo().username;
  const gone = holders.filter(
    ([, name, host, pid]) => name === user && host === hostname() && !isRunning(Number(pid)),
  );
  if (holders.length === 0 || gone.length < holders.length) return false;
  await stack.cancel();
  return true;
}
