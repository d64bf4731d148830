// Replays what the official engine did, step by step: on the embedded engine, and on the official one where it is on PATH.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { embeddedCommand } from "../workplace.ts";
import type { Observation, ParityCase } from "./case.ts";
import { expectParity } from "./compare.ts";
import { officialCommand } from "./official-command.ts";
import { Replay } from "./replay.ts";

const folder = join(import.meta.dirname, "cases");
const cases = readdirSync(folder).filter((name) => name.endsWith(".json"));

// Each case has a folder, a backend and a home of its own; more at once than cores only makes them wait.
describe.concurrent.each([
  ["the embedded engine", embeddedCommand],
  ["the official engine", officialCommand()],
] as const)("%s", (_, command) => {
  it.skipIf(command === undefined).for(cases)(
    "does what was recorded in %s",
    { timeout: 300_000 },
    async (name) => {
      const test: ParityCase = JSON.parse(readFileSync(join(folder, name), "utf8"));
      const replay = new Replay(test, command ?? "");
      try {
        let before: Observation["state"];
        for (const step of test.steps) {
          const seen = await replay.step(step);
          expectParity(step, seen, before);
          before = seen.state ?? before;
        }
      } finally {
        replay.close();
      }
    },
  );
});
