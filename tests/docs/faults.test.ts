// The lists of faults: that docs/faults.md is what they say, and that each of them says something about its system's checklist.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readChecklist } from "../../report/checklist.ts";
import { list as hvConsultores } from "../end-to-end/faults/hv-consultores.ts";
import { list as khaacho } from "../end-to-end/faults/khaacho.ts";
import { list as pfaVanguard } from "../end-to-end/faults/pfa-vanguard.ts";
import { list as queueWorker } from "../end-to-end/faults/queue-worker.ts";
import { list as supportTroubleshooting } from "../end-to-end/faults/support-troubleshooting.ts";
import { renderFaults } from "../end-to-end/support/faults-table.ts";

const lists = [hvConsultores, supportTroubleshooting, pfaVanguard, queueWorker, khaacho];
const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

it("docs/faults.md is what is tried", async () => {
  await expect(renderFaults(lists)).toMatchFileSnapshot(file("docs/faults.md"));
});

describe.each(lists)("the faults of $system", ({ system, faults }) => {
  it("have names of their own", () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });

  it("each take away boxes of its checklist that one of the steps proves or that are signed", () => {
    const path = `examples/${system}/checklist.yaml`;
    const boxes = new Map(
      readChecklist(readFileSync(file(path), "utf8"), path).boxes.map((box) => [box.id, box]),
    );
    const idle = faults.flatMap(({ name, steps, boxes: lost }) => {
      const foreign = lost.filter((id) => {
        const box = boxes.get(id);
        const proof = [box?.proof ?? []].flat();
        return !box?.signoff && !box?.waived && !proof.some((one) => steps.includes(one.split("#")[0] ?? ""));
      });
      return lost.length === 0 ? [`${name}: none`] : foreign.map((id) => `${name}: ${id}`);
    });
    expect(idle).toEqual([]);
  });
});
