// Ways in which an application can be told to be wrong (FAULTS=a,b), so that each check can be seen to fail. With
// FAULTS unset none of this has any effect.

/** The ways in which the shared parts can be wrong; an application has those of the parts it uses, and its own. */
export const partFaults = [
  "health",
  "wrong-version",
  "auth-off",
  "roles-off",
  "validation-off",
  "rate-limit-off",
  "cors-open",
  "cors-closed",
  "no-hsts",
  "no-csp",
  "slow",
  "isolation-off",
  "database-plain",
  "cache-off",
  "mail",
  "mail-from",
  "slack",
  "webhook",
  "webhook-signature",
  "log-format",
  "log-errors",
  "log-silent",
  "secret-in-log",
] as const;

export type PartFault = (typeof partFaults)[number];

/** What a part asks: any application's set of faults that has those of the parts. */
export interface PartFaults {
  has(name: PartFault): boolean;
}

/**
 * The faults that a text names.
 * @throws on a name that does not exist, since a fault that does nothing would prove nothing.
 */
export function readFaults<Name extends string>(
  known: readonly Name[],
  text: string | undefined,
): ReadonlySet<Name> {
  const names = (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const isKnown = (name: string): name is Name => known.some((one) => one === name);
  const unknown = names.find((name) => !isKnown(name));
  if (unknown !== undefined) throw new Error(`fault "${unknown}": unknown, want one of ${known.join(", ")}`);
  return new Set(names.filter(isKnown));
}
