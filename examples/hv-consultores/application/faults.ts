// Ways in which this application can be told to be wrong. README.md says what each does.
import { partFaults } from "../../parts/faults.ts";

/** Every fault there is. */
export const faultNames = [
  ...partFaults,
  "queue-stats",
  "processor-stuck",
  "jobs-fail",
  "retry-off",
  "timeout-off",
  "scheduler-off",
  "scheduler-next-run",
  "rule-create",
  "rule-edit",
  "rule-delete",
  "rule-execute",
  "rules-history",
  "batch-stuck",
  "batch-progress",
  "batch-results",
  "notification-create",
  "notification-read",
  "notification-count",
  "notification-delete",
  "metrics-missing",
  "metrics-wrong",
  "dashboard",
] as const;

export type FaultName = (typeof faultNames)[number];
export type Faults = ReadonlySet<FaultName>;
