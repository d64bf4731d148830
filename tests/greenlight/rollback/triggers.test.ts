// Rollback triggers on a small system whose metric is really out of bounds: what fires, what is asked, what is rolled back.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { up } from "../../../greenlight/commands/up.ts";
import { FIRST, type SmallRelease, SmallSystem } from "../support/small-system.ts";

const MINUTES = 60_000;
let system: SmallSystem;

const good: SmallRelease = {
  version: "1.0.0",
  migrations: FIRST,
  site: { "index.html": "<p>one</p>" },
  setting: "one",
};

/** The command's exit code and what it wrote. */
async function greenlightUp(...more: string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    const code = await up.run([
      "--stack",
      "local",
      "--cwd",
      system.folder,
      "--yes",
      "--engine",
      "embedded",
      ...more,
    ]);
    return { code, text };
  } finally {
    spy.mockRestore();
  }
}

beforeAll(async () => {
  system = await SmallSystem.make("triggers");
  system.write(good);
}, 5 * MINUTES);
afterAll(() => system.destroy(), 5 * MINUTES);

describe("an update whose metric is out of bounds", { timeout: 10 * MINUTES }, () => {
  it("is proven as long as nothing is", async () => {
    const { code, text } = await greenlightUp("--auto-rollback");
    expect(text).toContain("triggers-");
    expect(code).toBe(0);
  });

  it("stops at a conditional trigger with the question, the figures and both commands, and goes nowhere", async () => {
    system.write({ ...good, version: "2.0.0", setting: "two", metrics: { queue: 1500 } });
    const { code, text } = await greenlightUp("--auto-rollback");
    expect(code).toBe(1);
    expect(text).toMatch(
      /conditional rollback trigger "update-queue" came true: .*1500.*want .*at most 1000/,
    );
    expect(text).toContain("Go back or stay?");
    expect(text).toContain("To go back: npx greenlight rollback -s local.");
    expect(text).toContain("then npx greenlight up -s local");
    expect((await system.world()).application.version).toBe("2.0.0");
  });

  it("is rolled back at once by an immediate trigger where that was asked for", async () => {
    system.write({ ...good, version: "3.0.0", setting: "three", metrics: { errors: 12 } });
    const { code, text } = await greenlightUp("--auto-rollback");
    expect(text).toMatch(/immediate rollback trigger "update-errors" came true: .*12.*want .*at most 5/);
    expect(text).toContain("goes back: update-errors");
    expect(code).toBe(3);
    const world = await system.world();
    expect(world.application.version).toBe("1.0.0");
    expect(world.secret).toBe("one");
  });
});
