// Ways in which HV-Consultores can be wrong.
import { start } from "../../../examples/hv-consultores/application/main.ts";
import type { FaultList } from "../support/fault.ts";
import { misset, switched } from "../support/switches.ts";

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
    {
      name: "health",
      wrong: "the application says that it is ill",
      steps: ["health"],
      boxes: ["000-185"],
      apply: switched("health"),
    },
    {
      name: "rules-history",
      wrong: "rules run and leave no history",
      steps: ["smoke"],
      boxes: ["000-124", "000-127", "000-129", "000-177", "000-179"],
      apply: switched("rules-history"),
    },
  ],
};
