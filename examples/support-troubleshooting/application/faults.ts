// Ways in which this application can be told to be wrong (FAULTS=a,b), so that each check can be seen to fail. README.md says
// what each does.

import type { PartFault } from "../../parts/faults.ts";

/** Every fault there is: those of the shared parts that it uses, and its own. */
export const faultNames = [
  "health",
  "wrong-version",
  "auth-off",
  "roles-off",
  "validation-off",
  "rate-limit-off",
  "slow",
  "mail",
  "mail-from",
  "webhook",
  "webhook-signature",
  "log-errors",
  "log-silent",
  "secret-in-log",
  "session-lost",
  "session-status",
  "step-stuck",
  "attempt-lost",
  "feedback-lost",
  "feedback-altered",
  "webhook-silent",
  "notification-silent",
  "maintenance-off",
  "views-stale",
  "metrics-frozen",
  "dashboard-open",
  "template-broken",
  "variables-old",
] as const;

export type FaultName = (typeof faultNames)[number];
/** The parts ask for faults of theirs that no release of this system can have. */
export type Faults = ReadonlySet<FaultName | PartFault>;
