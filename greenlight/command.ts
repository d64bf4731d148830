// What a command of `greenlight` is.

export interface Command {
  /** What `greenlight help NAME` prints. */
  usage: string;
  /** Runs with the arguments after the name and returns the exit code. */
  run: (args: string[]) => Promise<number>;
}

/** A wrong call: shown with the command's usage, exit code 2, as what `parseArgs` throws is. */
export class UsageError extends Error {}

/** What a command found wrong with its arguments, or what their parser did. */
export function isWrongCall(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}
