// The troubleshooting system, whole: deployed as `npm run demo -- support-troubleshooting` does it, again, and wrong in many ways.
import { expect, it } from "vitest";
import { list } from "./faults/support-troubleshooting.ts";
import { boxesOf } from "./support/deployed-system.ts";
import { describeWhole } from "./support/whole.ts";

describeWhole({
  list,
  boxes: 62,
  more(deployed) {
    it("keeps the boxes of the first day and week pending until their time", () => {
      const due = Array.from({ length: 12 }, (_, index) => `001-0${51 + index}`);
      expect(boxesOf(deployed().first, "pending")).toEqual(due);
    });
  },
});
