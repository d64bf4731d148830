// PFA Vanguard, deployed as `npm run demo -- pfa-vanguard` does it; a second run; and releases that are wrong, each of which loses
// exactly the boxes that it is wrong in.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../examples/pfa-vanguard/application/faults.ts";
import { start as startBackend } from "../../examples/pfa-vanguard/application/main.ts";
import { start as startWorker } from "../../examples/pfa-vanguard/application/worker/main.ts";
import { start as startPems } from "../../examples/pfa-vanguard/pems/main.ts";
import { type Deployed, deploySystem } from "./support/example-system.ts";

const MINUTES = 60_000;

/** Fault, and the boxes that are not proven any more. */
const wrong: [FaultName, string[]][] = [
  ["wrong-version", ["002-033", "002-051", "002-T05"]],
  ["login", ["002-033", "002-034", "002-051", "002-T05"]],
  ["records-empty", ["002-034", "002-051", "002-T05"]],
  ["status-wrong", ["002-033", "002-051", "002-T05"]],
  ["queue-metrics-wrong", ["002-033", "002-051", "002-T05"]],
  ["sync-fails", ["002-033", "002-051", "002-T05"]],
  ["conflict-lost", ["002-051", "002-T05"]],
  ["metrics-frozen", ["002-033", "002-051", "002-T05"]],
];

describe("PFA Vanguard", { timeout: 10 * MINUTES }, () => {
  let deployed: Deployed;

  beforeAll(async () => {
    deployed = await deploySystem("pfa-vanguard");
  }, 10 * MINUTES);
  afterAll(async () => {
    await deployed?.destroy();
  }, 5 * MINUTES);

  it("is proven by its first deployment, all 73 boxes judged by what was observed", () => {
    const { errors, verdict, checklist } = deployed.first;
    expect(errors).toEqual([]);
    expect(verdict).toBe("proven");
    expect(checklist?.counts.total).toBe(73);
    expect(checklist?.counts.proven).toBeGreaterThan(30);
    const unseen = checklist?.boxes.filter(({ because }) => /did not observe|did not run/.test(because));
    expect(unseen?.map(({ id, because }) => `${id} ${because}`)).toEqual([]);
  });

  it("keeps what is judged after an hour or a day pending until its time", () => {
    const boxes = deployed.first.checklist?.boxes ?? [];
    const verdictOf = (id: string) => boxes.find((box) => box.id === id)?.verdict;
    for (const id of ["002-037", "002-040", "002-043", "002-046", "002-T07", "002-T08"])
      expect(`${id} ${verdictOf(id)}`).toBe(`${id} pending`);
  });

  it("changes nothing when nothing changed, and looks again", async () => {
    const second = await deployed.deploy();
    expect(second.verdict).toBe("proven");
    expect(Object.keys(second.changes).sort()).toEqual(["same", "update"]);
    const ran = second.steps.filter((step) => step.ran).map(({ name }) => name);
    for (const step of ["backup", "rehearsal", "migration", "release", "smoke"])
      expect(ran).not.toContain(step);
    expect(ran).toContain("health");
  });

  describe("released wrong", () => {
    let pems: { url: string; stop(): Promise<void> };

    beforeAll(async () => {
      await deployed.stopApplication();
      const PORT = deployed.environment.GREENLIGHT_PORT_5 ?? "";
      pems = await startPems({ ...(await deployed.variables()), PORT, RELEASE_VERSION: "stand-in" });
    });
    afterAll(() => pems?.stop());

    const release = async (fault: FaultName | "") => {
      const identity = { RELEASE_VERSION: deployed.first.release, PORT: "0", NODE_ENV: "production" };
      const environment = { ...(await deployed.variables()), ...identity, FAULTS: fault };
      const worker = await startWorker(environment);
      const backend = await startBackend(environment);
      try {
        return await deployed.unticked(backend.url, { security: false });
      } finally {
        await backend.stop();
        await worker.stop();
      }
    };

    it("in no way, it keeps every box", async () => {
      expect(await release("")).toEqual([]);
    });

    it.each(wrong)("by %s, it loses exactly what that proves", async (fault, boxes) => {
      expect(await release(fault)).toEqual(boxes);
    });
  });
});
