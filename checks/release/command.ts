// The application's own release command: program and arguments, no shell. Its lines are progress; its secrets come by
// environment. It may leave a process manager behind, which keeps the pipes open: only its own end counts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const TAIL_LINES = 15;
const KILL_AFTER_MILLISECONDS = 3_000;

export interface Command {
  /** Program and arguments. */
  command: string[];
  directory: string;
  environment: { [name: string]: string };
}

export interface Ended {
  /** Absent when a signal ended it. */
  exitCode?: number;
  seconds: number;
  /** Last lines of both outputs. */
  tail: string[];
}

/**
 * Runs the command to its end; an abort ends it (SIGTERM, then SIGKILL, to it and what it started in its group).
 * @throws when it cannot be started, or the signal's reason
 */
export async function runCommand(
  { command, directory, environment }: Command,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  const started = performance.now();
  const [program = "", ...given] = command;
  const child = spawn(program, given, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail: string[] = [];
  const keep = (line: string) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    log(line);
  };
  const reading = [child.stdout, child.stderr].map((stream) => eachLine(stream, keep));
  const stop = () => endGroup(child.pid);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [exitCode] = await once(child, "exit");
    // What it wrote before its end is still in the pipes; a daemon that it left holds them open.
    await Promise.race([Promise.all(reading), new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    signal.throwIfAborted();
    return { exitCode: exitCode ?? undefined, seconds: (performance.now() - started) / 1000, tail };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new Error(`command "${program}": ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function eachLine(stream: Readable, keep: (line: string) => void): Promise<void> {
  const lines = createInterface({ input: stream });
  lines.on("line", keep);
  await once(lines, "close");
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  killGroup(pid, "SIGTERM");
  setTimeout(() => killGroup(pid, "SIGKILL"), KILL_AFTER_MILLISECONDS).unref();
}

function killGroup(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
