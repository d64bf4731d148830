// Tells a process from a later one with the same id, so that nothing foreign is ever signalled.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** A process as recorded: its id and the start mark that only it has. */
export const processRecord = z.strictObject({ pid: z.number().int().positive(), started: z.string().min(1) });
export type ProcessRecord = z.infer<typeof processRecord>;

/** The start mark of `pid`: boot and clock ticks on Linux, the start time of `ps` elsewhere. Undefined when it is gone. */
export async function startMark(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    try {
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, "utf8"),
        readFile("/proc/sys/kernel/random/boot_id", "utf8"),
      ]);
      // The command (field 2) may hold spaces and parentheses: count from the last parenthesis.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // A killed process is a zombie as soon as its first thread has ended. The others hold its memory and its ports
      // until the last of them has, a good twentieth of a second later in a large one.
      const hasEnded = fields[0] === "X" || (fields[0] === "Z" && fields[17] === "1");
      if (hasEnded) return undefined;
      return `${boot.trim()}/${fields[19]}`;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
  try {
    const { stdout } = await run("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
    const line = stdout.trim();
    return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

/** The record of a running process, or undefined when it is gone. */
export async function identify(pid: number): Promise<ProcessRecord | undefined> {
  const started = await startMark(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether the recorded process still runs; a reused id is not it. */
export async function isRunning(record: ProcessRecord): Promise<boolean> {
  return (await startMark(record.pid)) === record.started;
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ESRCH";
}
