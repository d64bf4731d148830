// Names that the program leaves to the provider: `<logical name>-<7 hex digits>`, as Pulumi makes them.

import { createHash, randomBytes } from "node:crypto";
import type { AutoName } from "./schema.ts";

const RANDOM_LENGTH = 7;

/**
 * A name for `logicalName`; the same `seed` (of one registration) gives the same name. Undefined where it would be longer than
 * the service allows: Pulumi shortens nothing.
 */
export function autoName(
  logicalName: string,
  rules: AutoName,
  suffix: string,
  seed?: Uint8Array,
): string | undefined {
  const { prefix = "" } = rules;
  const random = (seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4))
    .toString("hex")
    .slice(0, RANDOM_LENGTH);
  const name = `${prefix}${logicalName}-${random}${suffix}`;
  if (name.length > rules.maxLength) return undefined;
  return rules.lowercase ? name.toLowerCase() : name;
}
