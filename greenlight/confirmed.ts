// Asking the person at the terminal before anything is changed.
import { createInterface } from "node:readline/promises";

/** Whether they typed `yes`. */
export async function confirmed(): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return (await asking.question("Go ahead? Type yes: ")).trim() === "yes";
  } finally {
    asking.close();
  }
}
