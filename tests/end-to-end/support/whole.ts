// What holds for every example system: deployed whole on each engine, proven, again without a change, every box judged; and on
// the embedded engine wrong in each way of its list, by which it loses exactly the boxes of that way.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeServices } from "../../../local/services/services.ts";
import type { StepReport } from "../../../report/steps.ts";
import { wordingGaps } from "../../../report/wording.ts";
import { ownDirectory } from "../../support/services.ts";
import { boxesOf, type DeployedSystem, deploySystem, engines, gapsOf, isAbsent } from "./deployed-system.ts";
import type { FaultList } from "./fault.ts";
import { FaultySystem } from "./faulty-system.ts";
import { switched } from "./switches.ts";
import { EXCUSED } from "./wording.ts";

const MINUTES = 60_000;

/** Steps that make history: a second deployment without a change runs none of them. */
const HISTORY = ["backup", "rehearsal", "migration", "release", "smoke", "latency"];

export interface Whole {
  list: FaultList;
  /** How many boxes its checklist has. */
  boxes: number;
  /** Further tests of a system, between the second deployment and the faults. */
  more?(deployed: () => DeployedSystem): void;
}

/** Registers the tests of a system. */
export function describeWhole({ list, boxes, more }: Whole): void {
  describe.each(engines)(`${list.system} on the %s engine`, { timeout: 30 * MINUTES }, (choice) => {
    const absent = isAbsent(choice);
    it.runIf(absent)("is skipped: the Pulumi CLI is not on PATH", (context) =>
      context.skip("the Pulumi CLI is not on PATH"),
    );
    describe.skipIf(absent)("", () => {
      const folder = ownDirectory(`${list.system}.${choice}`);
      let deployed: DeployedSystem;
      beforeAll(async () => {
        deployed = await deploySystem(list.system, { engine: choice, folder });
      }, 30 * MINUTES);
      afterAll(async () => {
        await deployed?.destroy();
        // They would take memory from the other files until the run's end.
        await removeServices({ directory: folder });
      }, 15 * MINUTES);

      it("is proven by its first deployment, every step of it", () => {
        expect(deployed.first.errors).toEqual([]);
        expect(deployed.first.verdict).toBe("proven");
        const { steps } = deployed.first;
        // Before the first release there is nothing to bring to rest, and nothing to be healthy.
        const good = (step: StepReport) =>
          step.result === "passed" ||
          (["quiesce", "baseline"].includes(step.name) && step.result === "notApplicable");
        expect(steps.filter((step) => !good(step)).map(({ name }) => name)).toEqual([]);
      });

      it(`judges all ${boxes} boxes, none by an observation that nobody makes`, () => {
        const { checklist, steps } = deployed.first;
        expect(checklist?.counts.total).toBe(boxes);
        expect(gapsOf(deployed.first)).toEqual([]);
        const observed = new Set(steps.flatMap((s) => s.observations.map((o) => `${s.name}#${o.id}`)));
        const proven = checklist?.boxes.filter(({ verdict }) => verdict === "proven") ?? [];
        expect(proven.length).toBeGreaterThan(boxes / 2);
        expect(proven.flatMap(({ proof }) => proof).filter((name) => !observed.has(name))).toEqual([]);
      });

      it("says in the evidence of each box what the box's words say, figures and names", () => {
        const { checklist, steps } = deployed.first;
        expect(wordingGaps(checklist?.boxes ?? [], steps, EXCUSED[list.system])).toEqual([]);
      });

      it("leaves no box open", () => {
        expect(boxesOf(deployed.first, "open")).toEqual([]);
      });

      it("changes nothing when nothing changed, and looks again", async () => {
        const second = await deployed.deploy();
        expect(second.errors).toEqual([]);
        expect(second.verdict).toBe("proven");
        expect(Object.keys(second.changes).sort()).toEqual(["same", "update"]);
        const ran = second.steps.filter((step) => step.ran).map(({ name }) => name);
        expect(ran.filter((name) => HISTORY.includes(name))).toEqual([]);
        expect(ran).toContain("health");
        expect(boxesOf(second, "open")).toEqual([]);
      });

      more?.(() => deployed);
      if (choice === "embedded") describe("made wrong", () => describeFaults(list, () => deployed));
    });
  });
}

function describeFaults(list: FaultList, deployed: () => DeployedSystem): void {
  let system: FaultySystem;
  beforeAll(async () => {
    system = await FaultySystem.of(deployed(), list);
  }, 15 * MINUTES);
  afterAll(() => system?.end());

  const shared = list.faults.filter(({ together }) => together !== undefined);
  it.runIf(shared.length > 0)(
    `by ${shared.map(({ name }) => name).join(", ")} at once, it loses exactly the boxes of them all`,
    async () => {
      const names = shared.flatMap(({ together }) => together?.switch ?? []);
      const lost = await system.lostBy({
        steps: [...new Set(shared.flatMap(({ steps }) => steps))],
        apply: switched(...names),
      });
      const union = new Set(shared.flatMap((fault) => fault.boxes));
      const inOrder = deployed().checklist.boxes.map(({ id }) => id);
      expect(lost).toEqual(inOrder.filter((id) => union.has(id)));
      // None is hidden behind another that takes the same box away.
      const seen = new Set(system.failed());
      expect(shared.filter(({ together }) => !seen.has(together?.seenBy ?? "")).map((f) => f.name)).toEqual(
        [],
      );
    },
  );

  const alone = list.faults.filter(({ together }) => together === undefined);
  const faults = alone.map((fault) => [fault.name, fault.wrong, fault] as const);
  it.each(faults)("by %s (%s), it loses exactly the boxes of that", async (_name, _wrong, fault) => {
    expect(await system.lostBy(fault)).toEqual(fault.boxes);
  });

  // Also shows that it was the fault, and not the look, that took boxes away; and that every fault was undone.
  it("no more, it keeps every box", async () => {
    const used = new Set(list.faults.flatMap((fault) => fault.steps));
    const inOrder = deployed().first.steps.map(({ name }) => name);
    expect(await system.lostNow(inOrder.filter((name) => used.has(name)))).toEqual([]);
  });
}
