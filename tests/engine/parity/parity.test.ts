// Replays what the official engine did, step by step: on the embedded engine, and on the official one where it is on PATH.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { embeddedCommand } from "../workplace.ts";
import { Ahead } from "./ahead.ts";
import type { Observation, ParityCase } from "./case.ts";
import { expectParity } from "./compare.ts";
import { officialCommand } from "./official-command.ts";
import { Replay } from "./replay.ts";

const folder = join(import.meta.dirname, "cases");
const cases = readdirSync(folder).filter((name) => name.endsWith(".json"));

/** Each case has a folder, a backend and a home of its own; more at once than there are cores would only wait. */
const AT_ONCE = 2;

async function replayed(command: string, name: string): Promise<void> {
  const test: ParityCase = JSON.parse(readFileSync(join(folder, name), "utf8"));
  const replay = new Replay(test, command);
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
}

describe.each([
  ["the embedded engine", embeddedCommand],
  ["the official engine", officialCommand()],
] as const)("%s", (_, command) => {
  const ahead = new Ahead(cases, AT_ONCE, (name) => replayed(command ?? "", name));
  afterAll(() => ahead.idle(), 600_000);

  it.skipIf(command === undefined).for(cases)(
    "does what was recorded in %s",
    { timeout: 600_000 },
    async (name) => {
      await expect(ahead.outcome(name)).resolves.toBeUndefined();
    },
  );
});
