// Names that the program leaves to the provider: `<logical name>-<7 hex digits>`, as Pulumi makes them.

import { createHash, randomBytes } from "node:crypto";
import type { AutoName } from "./schema.ts";

const RANDOM_LENGTH = 7;

/** A name for `logicalName`; the same `seed` (of one registration) gives the same name. */
export function autoName(logicalName: string, rules: AutoName, suffix: string, seed?: Uint8Array): string {
  const { prefix = "" } = rules;
  const random = (seed && seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4))
    .toString("hex")
    .slice(0, RANDOM_LENGTH);
  const room = rules.maxLength - prefix.length - suffix.length - RANDOM_LENGTH - 1;
  const name = `${prefix}${logicalName.slice(0, room)}-${random}${suffix}`;
  return rules.lowercase ? name.toLowerCase() : name;
}
