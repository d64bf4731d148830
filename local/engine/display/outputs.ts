// Property values as people and scripts see them: secrets hidden or revealed, references as what they refer to.
import { mapSecrets, reveal } from "../state/secrets.ts";
import { type PropertyMap, SIGNATURE, UNKNOWN, type Value } from "../types.ts";

const REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
const OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const HIDDEN = "[secret]";

/** Outputs with every secret as `[secret]`. */
export function shownOutputs(outputs: PropertyMap): PropertyMap {
  return plain(mapSecrets(outputs, () => HIDDEN)) as PropertyMap;
}

/** Outputs in clear. */
export function revealedJson(outputs: PropertyMap): PropertyMap {
  return plain(reveal(outputs)) as PropertyMap;
}

// A reference to a resource is shown as its id, or its URN where it has none.
function plain(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value[SIGNATURE] === REFERENCE) return value.id || (value.urn ?? null);
  if (value[SIGNATURE] === OUTPUT_VALUE) return plain(value.value ?? UNKNOWN);
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, element]) => [key, plain(element)]));
}

/** The value with secrets as `[secret]`, everything else as it is; for events and logs. */
export function hideSecrets(value: Value): Value {
  return mapSecrets(value, () => HIDDEN);
}
