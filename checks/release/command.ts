// The application's own release command: program and arguments, no shell. Its lines are progress; its secrets come by
// environment. It may leave a process manager behind, which keeps the pipes open: only its own end counts.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { type Command, type ProcessGroup, startGroup } from "../process-group.ts";

const KILL_AFTER_MILLISECONDS = 3_000;
const LOOK_MILLISECONDS = 20;

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
  command: Command,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<Ended> {
  signal.throwIfAborted();
  const started = performance.now();
  const group = startGroup(command, log);
  const { child, tail } = group;
  const reading = Promise.all([once(child.stdout, "close"), once(child.stderr, "close")]);
  let ending: Promise<void> | undefined;
  const stop = () => {
    ending = end(group);
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [exitCode] = await once(child, "exit");
    // What it wrote before its end is still in the pipes; a daemon that it left holds them open.
    await Promise.race([reading, wait(500, undefined, { ref: false })]);
    signal.throwIfAborted();
    return { exitCode: exitCode ?? undefined, seconds: (performance.now() - started) / 1000, tail };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new Error(`command "${command.command[0]}": ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    signal.removeEventListener("abort", stop);
    // What it started may outlive it, and this process may end with the step.
    await ending;
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

async function end(group: ProcessGroup): Promise<void> {
  const late = performance.now() + KILL_AFTER_MILLISECONDS;
  group.signal("SIGTERM");
  while (performance.now() < late && group.signal(0)) await wait(LOOK_MILLISECONDS);
  group.signal("SIGKILL");
}
