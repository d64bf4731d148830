// A reader that goes away before a command has told everything, such as `head`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { projectRoot } from "../../local/services/layout.ts";
import { startCommand } from "./support/command.ts";

it("costs the rest of what a command tells, and nothing else", async () => {
  const command = spawn(join(projectRoot, "greenlight/bin/greenlight"), ["doctor"]);
  command.stdout.destroy();
  const [faults, [code]] = await Promise.all([text(command.stderr), once(command, "close")]);
  expect(faults).toBe("");
  // Which says what this machine has, and not how the output was taken.
  expect(code).toBe((await startCommand(["doctor"]).ended).code);
});
