// What a command of `greenlight` is.

export interface Command {
  /** What `greenlight help NAME` prints. */
  usage: string;
  /** Runs with the arguments after the name and returns the exit code. */
  run: (args: string[]) => Promise<number>;
}

/** A wrong call: shown with the command's usage, exit code 2, as what `parseArgs` throws is. */
export class UsageError extends Error {}
