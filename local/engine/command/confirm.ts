// Questions on a terminal.
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { EXIT, Failure } from "../state/failure.ts";
import type { Call } from "./command.ts";

/** Asks for the stack's name, unless `--yes`. @throws Failure when it is not given, or nobody can be asked. */
export async function confirm(call: Call, warning: string, stack: string): Promise<void> {
  if (call.flags.on("yes")) return;
  if (!call.interactive)
    throw new Failure("--yes must be passed in to proceed when running in non-interactive mode", EXIT.usage);
  const answer = await ask(
    `${warning}\nPlease confirm that this is what you'd like to do by typing \`${stack}\`: `,
  );
  if (answer?.trim() !== stack) throw new Failure("confirmation declined");
}

/**
 * One line of the terminal as it was typed; undefined when input ended, as by Ctrl-D or Ctrl-C.
 * @param hidden shows nothing of what is typed
 */
export async function ask(question: string, hidden = false): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stdout,
    // The library itself shows what is typed; a terminal that shows it by its own is told not to.
    ...(hidden ? { terminal: true } : {}),
  });
  try {
    if (hidden) process.stdout.write(question);
    const ended = new Promise<undefined>((resolve) => terminal.once("close", () => resolve(undefined)));
    return await Promise.race([terminal.question(hidden ? "" : question), ended]);
  } finally {
    terminal.close();
    if (hidden) process.stdout.write("\n");
  }
}
