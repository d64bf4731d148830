// Ways in which HV-Consultores can be wrong.
import { start } from "../../../examples/hv-consultores/application/main.ts";
import type { FaultList } from "../support/fault.ts";
import { misset } from "../support/switches.ts";

export const list: FaultList = {
  system: "hv-consultores",
  start,
  faults: [
    {
      name: "rate-limit-word",
      wrong: "the limit of requests is a word and no number",
      steps: ["preflight"],
      boxes: ["000-020"],
      apply: misset("preflight", "environment", (was) => ({
        ...(was as object),
        RATE_LIMIT_REQUESTS_PER_MINUTE: "plenty",
      })),
    },
  ],
};
