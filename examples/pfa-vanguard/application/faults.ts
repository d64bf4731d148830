// Ways in which backend and worker can be told to be wrong (FAULTS=a,b), so that each check can be seen to fail. README.md
// says what each does.
import type { PartFault } from "../../parts/faults.ts";

/** Every fault there is: those of the shared parts that they use, and their own. */
export const faultNames = [
  "health",
  "wrong-version",
  "auth-off",
  "roles-off",
  "validation-off",
  "rate-limit-off",
  "slow",
  "log-errors",
  "log-silent",
  "secret-in-log",
  "login",
  "records-empty",
  "status-wrong",
  "queue-metrics-wrong",
  "sync-ignored",
  "sync-stuck",
  "sync-fails",
  "flag-ignored",
  "conflict-lost",
  "worker-down",
  "worker-version",
  "websocket-closed",
  "metrics-frozen",
] as const;

export type FaultName = (typeof faultNames)[number];
/** The parts ask for faults of theirs that no release of this system can have. */
export type Faults = ReadonlySet<FaultName | PartFault>;
