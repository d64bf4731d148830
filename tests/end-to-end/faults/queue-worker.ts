// Ways in which the queue worker can be wrong.
import { fileURLToPath } from "node:url";
import type { FaultList } from "../support/fault.ts";
import { startReplicas } from "../support/replicas.ts";
import { switched } from "../support/switches.ts";

// In processes of their own, since journeys kill one.
const script = fileURLToPath(
  new URL("../../../examples/queue-worker/application/process.ts", import.meta.url),
);

export const list: FaultList = {
  system: "queue-worker",
  start: (environment) => startReplicas(script, 2, environment),
  faults: [
    {
      name: "retry-early",
      wrong: "a step that failed is tried again after 100 ms",
      steps: ["smoke"],
      boxes: ["003-009", "003-010", "003-058"],
      apply: switched("retry-early"),
    },
    {
      name: "error-tracking-off",
      wrong: "errors are told to nobody",
      steps: ["smoke"],
      boxes: ["003-008", "003-054", "003-077", "003-096"],
      apply: switched("error-tracking-off"),
    },
    {
      name: "done-twice",
      wrong: "a step that is delivered twice is done twice",
      steps: ["smoke"],
      boxes: ["003-121"],
      apply: switched("done-twice"),
    },
    {
      name: "too-many-at-once",
      wrong: "three times as many steps run at once as the settings say",
      steps: ["smoke"],
      boxes: ["003-049", "003-121"],
      apply: switched("too-many-at-once"),
    },
    {
      name: "slow-overhead",
      wrong: "each step costs 150 ms beside its work",
      steps: ["smoke"],
      boxes: ["003-117", "003-118", "003-122", "003-123"],
      apply: switched("slow-overhead"),
    },
    {
      name: "metrics-wrong",
      wrong: "the depth of the queue is told seven too high",
      steps: ["smoke"],
      boxes: ["003-080"],
      apply: switched("metrics-wrong"),
    },
    {
      name: "metrics-missing",
      wrong: "a family of metrics is missing",
      steps: ["smoke"],
      boxes: ["003-074", "003-079", "003-081", "003-082", "003-083", "003-084", "003-085"],
      apply: switched("metrics-missing"),
    },
    {
      name: "flag-ignored",
      wrong: "flags are not looked at",
      steps: ["smoke"],
      boxes: ["003-056", "003-129"],
      apply: switched("flag-ignored"),
    },
    {
      name: "erase-off",
      wrong: "a person's steps stay when they are erased",
      steps: ["smoke"],
      boxes: ["003-111"],
      apply: switched("erase-off"),
    },
    {
      name: "purge-off",
      wrong: "steps stay when their time is up",
      steps: ["smoke"],
      boxes: ["003-112"],
      apply: switched("purge-off"),
    },
  ],
};
