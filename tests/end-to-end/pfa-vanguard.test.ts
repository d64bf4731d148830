// PFA Vanguard, whole: deployed as `npm run demo -- pfa-vanguard` does it, again, and wrong in many ways.
import { expect, it } from "vitest";
import { list } from "./faults/pfa-vanguard.ts";
import { boxesOf } from "./support/deployed-system.ts";
import { describeWhole } from "./support/whole.ts";

describeWhole({
  list,
  boxes: 73,
  more(deployed) {
    it("keeps what is judged after an hour or a day pending until its time", () => {
      const pending = boxesOf(deployed().first, "pending");
      for (const id of ["002-037", "002-040", "002-043", "002-046", "002-T07", "002-T08"])
        expect(pending).toContain(id);
    });
  },
});
