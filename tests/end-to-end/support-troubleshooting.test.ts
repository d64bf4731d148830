// The troubleshooting system, deployed as `npm run demo -- support-troubleshooting` does it; a second run; and releases that are
// wrong, each of which loses exactly the boxes that it is wrong in.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../examples/support-troubleshooting/application/faults.ts";
import { start } from "../../examples/support-troubleshooting/application/main.ts";
import { type Deployed, deploySystem } from "./support/example-system.ts";

const MINUTES = 60_000;

/** Fault, and the boxes that are not proven any more. */
const wrong: [FaultName, string[]][] = [
  ["wrong-version", ["001-009", "001-029", "001-033", "001-034"]],
  ["auth-off", ["001-013", "001-033", "001-041"]],
  ["rate-limit-off", ["001-012"]],
  ["attempt-lost", ["001-033", "001-043", "001-044"]],
  ["feedback-lost", ["001-033", "001-044"]],
  ["feedback-altered", ["001-033", "001-044"]],
  ["webhook-silent", ["001-033", "001-045"]],
  ["webhook-signature", ["001-033", "001-045"]],
  ["notification-silent", ["001-031", "001-033", "001-046"]],
  ["mail-from", ["001-031", "001-033", "001-046"]],
  ["views-stale", ["001-033", "001-036"]],
  ["metrics-frozen", ["001-033", "001-038"]],
  ["dashboard-open", ["001-013", "001-033", "001-041"]],
];

describe("the troubleshooting system", { timeout: 10 * MINUTES }, () => {
  let deployed: Deployed;

  beforeAll(async () => {
    deployed = await deploySystem("support-troubleshooting");
  }, 10 * MINUTES);
  afterAll(async () => {
    await deployed?.destroy();
  }, 5 * MINUTES);

  it("is proven by its first deployment, all 62 boxes judged by what was observed", () => {
    const { errors, verdict, steps, checklist } = deployed.first;
    expect(errors).toEqual([]);
    expect(verdict).toBe("proven");
    expect(steps.filter(({ result }) => result !== "passed").map(({ name }) => name)).toEqual([]);
    expect(checklist?.counts.total).toBe(62);
    expect(checklist?.counts.proven).toBeGreaterThan(35);
    const unseen = checklist?.boxes.filter(({ because }) => /did not observe|did not run/.test(because));
    expect(unseen?.map(({ id, because }) => `${id} ${because}`)).toEqual([]);
  });

  it("keeps the boxes of the first day and week pending until their time", () => {
    const boxes = deployed.first.checklist?.boxes ?? [];
    const pending = boxes.filter(({ verdict }) => verdict === "pending").map(({ id }) => id);
    const due = Array.from({ length: 12 }, (_, index) => `001-0${51 + index}`);
    expect(pending).toEqual(due);
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
    beforeAll(() => deployed.stopApplication());

    const release = async (fault: FaultName | "") => {
      const environment = await deployed.variables();
      const identity = { RELEASE_VERSION: deployed.first.release, PORT: "0", NODE_ENV: "production" };
      const running = await start({ ...environment, ...identity, FAULTS: fault });
      try {
        return await deployed.unticked(running.url, { security: SECURITY.includes(fault) });
      } finally {
        await running.stop();
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

/** What shows in bad requests and not in journeys. */
const SECURITY: string[] = ["rate-limit-off"] satisfies FaultName[];
