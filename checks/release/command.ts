// The application's own release command: program and arguments, no shell. Its lines are progress; its secrets come by
// environment. It may leave a process manager behind, which keeps the pipes open: only its own end counts.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { type Command, startGroup } from "../process-group.ts";

const KILL_AFTER_MILLISECONDS = 3_000;

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
  const stop = () => {
    group.signal("SIGTERM");
    setTimeout(() => group.signal("SIGKILL"), KILL_AFTER_MILLISECONDS).unref();
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
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
