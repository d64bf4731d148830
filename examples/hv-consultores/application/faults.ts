// Ways in which this application can be told to be wrong (FAULTS=a,b), so that each check can be seen to fail.
// README.md says what each does. With FAULTS unset none of this has any effect.

/** Every fault there is. */
export const faultNames = [
  "health",
  "wrong-version",
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
  "mail",
  "mail-from",
  "slack",
  "webhook",
  "webhook-signature",
  "rate-limit-off",
  "cors-open",
  "cors-closed",
  "auth-off",
  "roles-off",
  "isolation-off",
  "validation-off",
  "no-hsts",
  "no-csp",
  "metrics-missing",
  "metrics-wrong",
  "log-format",
  "log-errors",
  "log-silent",
  "secret-in-log",
  "slow",
  "dashboard",
  "cache-off",
  "database-plain",
] as const;

export type FaultName = (typeof faultNames)[number];
export type Faults = ReadonlySet<FaultName>;

/** @throws on a name that does not exist, since a fault that does nothing would prove nothing. */
export function readFaults(text: string | undefined): Faults {
  const known: ReadonlySet<string> = new Set(faultNames);
  const names = (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const isKnown = (name: string): name is FaultName => known.has(name);
  const unknown = names.find((name) => !isKnown(name));
  if (unknown !== undefined)
    throw new Error(`fault "${unknown}": unknown, want one of ${faultNames.join(", ")}`);
  return new Set(names.filter(isKnown));
}
