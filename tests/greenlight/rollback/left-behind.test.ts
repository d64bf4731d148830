// A rollback that failed and was not finished: people went forward instead, and later go back from there.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST, type SmallRelease, SmallSystem } from "../support/small-system.ts";

const MINUTES = 60_000;
const scratch = mkdtempSync(join(tmpdir(), "greenlight-left-behind-"));
let system: SmallSystem;

const release = (version: string): SmallRelease => ({
  version,
  migrations: FIRST,
  site: { "index.html": `<p>${version}</p>` },
  setting: version,
});

beforeAll(async () => {
  system = await SmallSystem.make("left-behind");
  for (const version of ["1.0.0", "2.0.0"]) {
    system.write(release(version));
    expect((await system.up()).errors).toEqual([]);
  }
}, 10 * MINUTES);

afterAll(async () => {
  rmSync(scratch, { recursive: true });
  await system.destroy();
}, 5 * MINUTES);

/** A rollback whose engine is killed before a step. */
function killed(at: string) {
  const order = join(scratch, "order.json");
  writeFileSync(order, JSON.stringify({ at, inputs: join(scratch, "inputs.json") }));
  const hooked = {
    GREENLIGHT_TEST_INTERRUPTION: order,
    NODE_OPTIONS: `--import=${new URL("../support/interruption.ts", import.meta.url)}`,
  };
  return system.rollBack({ environment: { ...system.environment, ...hooked } });
}

describe("a rollback that was not finished", { timeout: 10 * MINUTES }, () => {
  it("is not gone on with after a release that passed since: it chooses anew, with its preview", async () => {
    expect((await killed("resume"))?.errors.length).toBeGreaterThan(0);
    for (const version of ["3.0.0", "4.0.0"]) {
      system.write(release(version));
      expect((await system.up()).errors).toEqual([]);
    }
    const shown: string[] = [];
    let previewed = false;
    const back = await system.rollBack({
      async onPlan(lines, preview) {
        shown.push(...lines);
        previewed = preview !== undefined;
        return true;
      },
    });
    expect(previewed).toBe(true);
    expect(shown[0]).toMatch(/^back to 3\.0\.0/);
    expect((await system.world()).application.version).toBe("3.0.0");
    // Its commands are about the project, not about the folder that the rollback was put together in.
    expect(back?.wayBack?.commands.map(({ command }) => command).join()).toContain(
      ` -C ${relative(process.cwd(), system.folder)} `,
    );
  });
});
