// Ways in which this worker can be told to be wrong. README.md says what each does.
import { partFaults } from "../../parts/faults.ts";

/** Every fault there is. */
export const faultNames = [
  ...partFaults,
  "stale-replica",
  "stuck",
  "steps-fail",
  "wrong-result",
  "retry-off",
  "retry-early",
  "dead-letter-off",
  "requeue-off",
  "timeout-off",
  "done-twice",
  "shutdown-abrupt",
  "one-replica",
  "too-many-at-once",
  "slow-overhead",
  "slow-pickup",
  "flag-ignored",
  "correlation-off",
  "pii-in-log",
  "error-tracking-off",
  "metrics-missing",
  "metrics-wrong",
  "purge-off",
  "erase-off",
] as const;

export type FaultName = (typeof faultNames)[number];
export type Faults = ReadonlySet<FaultName>;
