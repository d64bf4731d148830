// What every command is: its flags, its arguments, and a function that returns the exit code.
import type { Flag, FlagTable, ParsedFlags } from "./flags.ts";

/** One call of a command. */
export interface Call {
  flags: ParsedFlags;
  args: string[];
  environment: NodeJS.ProcessEnv;
  /** False with `--non-interactive`, or where standard input or output is no terminal. */
  interactive: boolean;
}

/** A command as a module exports it. */
export interface Command {
  /** e.g. `stack init NAME`. */
  usage: string;
  /** One sentence. */
  summary: string;
  flags: FlagTable;
  /** Flags of the official command that are refused by name. */
  refused: readonly string[];
  /** Least and most arguments. */
  arguments: readonly [number, number];
  run(call: Call): Promise<number>;
}

/** Flags of every command. Those about logging change nothing here. */
export const globalFlags: FlagTable = {
  cwd: { kind: "text", short: "C", help: "run as if started in this folder" },
  "non-interactive": { kind: "boolean", help: "never ask" },
  color: { kind: "text", help: "always, never, raw or auto" },
  emoji: { kind: "boolean", short: "e", help: "accepted, changes nothing" },
  help: { kind: "boolean", short: "h", help: "show this help" },
  verbose: { kind: "text", short: "v", help: "accepted, changes nothing" },
  logtostderr: { kind: "boolean", help: "accepted, changes nothing" },
  logflow: { kind: "boolean", help: "accepted, changes nothing" },
  "fully-qualify-stack-names": { kind: "boolean", help: "accepted, changes nothing" },
};

/** Flags of the official command's root that are refused by name. */
export const refusedGlobalFlags = [
  "disable-integrity-checking",
  "memprofilerate",
  "otel-traces",
  "profiling",
  "tracing",
  "tracing-header",
];

/** The stack a command is about. */
export const stackFlag: { stack: Flag } = {
  stack: { kind: "text", short: "s", help: "the stack, by default the selected one" },
};

/** Writes to standard output, all of it before the process ends. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
