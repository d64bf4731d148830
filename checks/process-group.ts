// A program with all that it starts: run without a shell in a group of its own, so that nothing of it is left behind.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

const TAIL_LINES = 15;

export interface Command {
  /** Program and arguments. */
  command: string[];
  directory: string;
  /** Beside those of this process. */
  environment: { [name: string]: string };
}

export interface ProcessGroup {
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** Last lines of both outputs. */
  tail: string[];
  /** To it and all that it started; 0 only asks. False where none of them is left. */
  signal(name: "SIGTERM" | "SIGKILL" | 0): boolean;
}

/** What cannot be started says so by the child's `error` event. */
export function startGroup(
  { command, directory, environment }: Command,
  log: (line: string) => void = () => undefined,
): ProcessGroup {
  const [program = "", ...given] = command;
  const child = spawn(program, given, {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      log(line);
    });
  return { child, tail, signal: (name) => signalGroup(child.pid, name) };
}

function signalGroup(pid: number | undefined, name: "SIGTERM" | "SIGKILL" | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
