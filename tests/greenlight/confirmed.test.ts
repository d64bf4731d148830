// The question before a change, in a process of its own: what is typed, or not, and where it is asked.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const script = join(import.meta.dirname, "../../greenlight/confirmed.ts");
const ask = `import { confirmed } from ${JSON.stringify(script)}; console.log(await confirmed());`;

it.each([
  ["yes\n", "true\n"],
  ["y\n", "false\n"],
  ["", "false\n"],
])("%j typed is %s", (input, answer) => {
  const args = ["--input-type=module", "--eval", ask];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: "utf8" });

  expect([status, stdout, stderr]).toEqual([0, answer, "Go ahead? Type yes: "]);
});
