// Questions on a terminal before something that cannot be taken back.
import { createInterface } from "node:readline/promises";
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
  if (answer !== stack) throw new Failure("confirmation declined");
}

/** One line of the terminal, trimmed; empty when input ended. */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const ended = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
    return (await Promise.race([terminal.question(question), ended])).trim();
  } finally {
    terminal.close();
  }
}
