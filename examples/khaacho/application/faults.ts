// Ways in which this application can be told to be wrong. README.md says what each does.
import { partFaults } from "../../parts/faults.ts";

/** Every fault there is. */
export const faultNames = [
  ...partFaults,
  "register",
  "login-any",
  "order-total",
  "routing-off",
  "routing-dearest",
  "payment-balance",
  "credit-score",
  "whatsapp-verify-any",
  "whatsapp-unsigned",
  "jobs-stuck",
  "queue-missing",
  "worker-missing",
  "stats-open",
  "error-log-off",
  "sql-injection",
  "markup",
  "slow-queries",
  "many-connections",
] as const;

export type FaultName = (typeof faultNames)[number];
export type Faults = ReadonlySet<FaultName>;
