// Kinds of property values: how those that are more than data are marked, on the wire and in states, and how to tell them.
import { SECRET, SIGNATURE, UNKNOWN, type Value } from "./types.ts";

export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const OUTPUT_VALUE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** The SDK's own, and those of a bool, a number, an array, an asset, an archive and an object. */
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** A secret: with `value` as it travels, with `ciphertext` or `plaintext` as it is stored. */
export type SecretValue = { [key: string]: Value } & { [SIGNATURE]: typeof SECRET };

/** True for objects, marked ones (secrets, references …) included; false for arrays and null. */
export function isObject(value: Value | undefined): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The signature of a marked object; undefined for data. */
export function kindOf(value: Value | undefined): string | undefined {
  if (!isObject(value)) return undefined;
  const kind = value[SIGNATURE];
  return typeof kind === "string" ? kind : undefined;
}

export function isSecret(value: Value | undefined): value is SecretValue {
  return kindOf(value) === SECRET;
}

/** True for a value that an update will only know when it runs. */
export function isUnknown(value: Value | undefined): value is string {
  return typeof value === "string" && UNKNOWNS.has(value);
}
