// Asking the person at the terminal before anything is changed.
import { createInterface } from "node:readline/promises";

/**
 * Whether they typed `yes`; they did not where input ended, as by Ctrl-D or Ctrl-C. The question leaves standard output to the
 * document of `--json`.
 */
export async function confirmed(): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ended = new Promise<string>((resolve) => asking.once("close", () => resolve("")));
    return (await Promise.race([asking.question("Go ahead? Type yes: "), ended])).trim() === "yes";
  } finally {
    asking.close();
  }
}
