// A background process: started detached with its output in a log file, probed until ready, stopped by signal.

import { spawn } from "node:child_process";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { waitUntil } from "./deadline.ts";
import { identify, isRunning, type ProcessRecord } from "./process-identity.ts";

export interface Command {
  file: string;
  /** Never a secret: every user of the machine can list them. */
  args: string[];
  /** The whole environment of the process, nothing is inherited. */
  env: Record<string, string>;
  cwd: string;
  /** Run as this user instead of the caller; only root can ask for it. */
  user?: { uid: number; gid: number };
}

/** A process ended before its probe answered. */
export class EndedEarly extends Error {}

/** A log longer than this is set aside as `.1` at the next start. */
const LOG_BYTES = 5_000_000;

/** Starts `command` in a session of its own. @throws when it cannot be executed, EndedEarly when it ends at once. */
export async function launch(command: Command, logFile: string): Promise<ProcessRecord> {
  await mkdir(dirname(logFile), { recursive: true });
  await rotate(logFile);
  const log = await open(logFile, "a", 0o600);
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      ...command.user,
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid ?? 0));
    });
    child.unref();
    const record = await identify(pid);
    if (record === undefined) throw new EndedEarly(`it ended at once; ${await logHint(logFile)}`);
    return record;
  } finally {
    await log.close();
  }
}

/**
 * Waits until `probe` answers. A probe returns undefined while the process is not ready.
 * @throws EndedEarly with the last lines of the log when the process ends first, an error when `timeoutSeconds` pass.
 */
export async function waitReady<T>(
  record: ProcessRecord,
  probe: () => Promise<T | undefined>,
  timeoutSeconds: number,
  logFile: string,
): Promise<T> {
  return await waitUntil(
    async () => {
      const ready = await probe();
      if (ready === undefined && !(await isRunning(record))) {
        throw new EndedEarly(`it ended before it was ready; ${await logHint(logFile)}`);
      }
      return ready;
    },
    timeoutSeconds,
    async () => new Error(`not ready after ${timeoutSeconds} s; ${await logHint(logFile)}`),
  );
}

/**
 * Sends `signal` and waits until the process is gone. A process that is gone already, or whose id now belongs to
 * another, is left alone.
 * @throws when it still runs after `timeoutSeconds`. It is never killed outright: that would lose unsaved state.
 */
export async function terminate(
  record: ProcessRecord,
  signal: NodeJS.Signals,
  timeoutSeconds: number,
): Promise<void> {
  if (!(await isRunning(record))) return;
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  await waitUntil(
    async () => ((await isRunning(record)) ? undefined : true),
    timeoutSeconds,
    () => new Error(`pid ${record.pid} still runs ${timeoutSeconds} s after ${signal}; end it by hand`),
  );
}

/** The last `count` lines of a log; none when there is no log. */
export async function lastLines(logFile: string, count = 8): Promise<string[]> {
  try {
    const text = await readFile(logFile, "utf8");
    return text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-count);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function logHint(logFile: string): Promise<string> {
  const lines = await lastLines(logFile, 5);
  return lines.length === 0 ? `its log is empty: ${logFile}` : `its log ends:\n  ${lines.join("\n  ")}`;
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_BYTES) await rename(logFile, `${logFile}.1`);
}
