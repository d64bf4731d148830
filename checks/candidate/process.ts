// The candidate as a process of this machine: started with its own variables, ended with all that it started.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const TAIL_LINES = 15;
const STOP_SECONDS = 15;

export interface Candidate {
  /** Whether it still runs. */
  runs(): boolean;
  /** Last lines that it wrote. */
  tail: string[];
  /** Ends it; true when it went by itself after SIGTERM. */
  stop(): Promise<{ clean: boolean; exit: string }>;
}

/** @throws when the program cannot be started */
export async function startCandidate(
  command: string[],
  directory: string,
  environment: { [name: string]: string },
  signal: AbortSignal,
): Promise<Candidate> {
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
    });
  await once(child, "spawn").catch((error: Error) => {
    throw new Error(`candidate "${program}": ${error.message}, want it to start; correct the command`);
  });
  const kill = () => endGroup(child, "SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  return {
    runs: () => child.exitCode === null && child.signalCode === null,
    tail,
    async stop() {
      signal.removeEventListener("abort", kill);
      return await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<{ clean: boolean; exit: string }> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  endGroup(child, "SIGTERM");
  const late = setTimeout(() => endGroup(child, "SIGKILL"), STOP_SECONDS * 1000);
  await exit;
  clearTimeout(late);
  // What it started and left behind goes with it.
  endGroup(child, "SIGKILL");
  const clean = exit !== undefined && child.exitCode === 0;
  return {
    clean,
    exit: child.exitCode === null ? `signal ${child.signalCode}` : `exit ${child.exitCode}`,
  };
}

function endGroup({ pid }: ChildProcess, name: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
