// The candidate as a process of this machine: started with its own variables, ended with all that it started.
import { once } from "node:events";
import { type Command, type ProcessGroup, startGroup } from "../process-group.ts";

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
export async function startCandidate(command: Command, signal: AbortSignal): Promise<Candidate> {
  const group = startGroup(command);
  await once(group.child, "spawn").catch((error: Error) => {
    throw new Error(
      `candidate "${command.command[0]}": ${error.message}, want it to start; correct the command`,
    );
  });
  const kill = () => group.signal("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  return {
    runs: () => runs(group),
    tail: group.tail,
    async stop() {
      signal.removeEventListener("abort", kill);
      return await ended(group);
    },
  };
}

async function ended(group: ProcessGroup): Promise<{ clean: boolean; exit: string }> {
  const { child } = group;
  const exit = runs(group) ? once(child, "exit") : undefined;
  group.signal("SIGTERM");
  const late = setTimeout(() => group.signal("SIGKILL"), STOP_SECONDS * 1000);
  await exit;
  clearTimeout(late);
  // What it started and left behind goes with it.
  group.signal("SIGKILL");
  const clean = exit !== undefined && child.exitCode === 0;
  return {
    clean,
    exit: child.exitCode === null ? `signal ${child.signalCode}` : `exit ${child.exitCode}`,
  };
}

function runs({ child }: ProcessGroup): boolean {
  return child.exitCode === null && child.signalCode === null;
}
