// The queue worker, whole: two replicas deployed as `npm run demo -- queue-worker` does it, again, and wrong in many ways.
import { expect, it } from "vitest";
import { list } from "./faults/queue-worker.ts";
import { describeWhole } from "./support/whole.ts";

describeWhole({
  list,
  boxes: 164,
  more(deployed) {
    it("runs its version on both replicas", () => {
      const seen = deployed().first.steps.flatMap(({ observations }) => observations);
      expect(seen.find(({ id }) => id === "version")?.observed).toContain("on 2 of 2");
    });
  },
});
