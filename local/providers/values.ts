// The two special values of Pulumi's wire format that reach a local provider, and plain equality. No schema here.

import { type PropertyMap, SIGNATURE, UNKNOWN } from "../engine/types.ts";

export { UNKNOWN };

const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** True for a value that is only known once another resource exists. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}

/** True when an unknown value stands anywhere inside. */
export function containsUnknown(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isRecord(value)) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The id (of a component: the URN) of a resource passed where its id is meant; every other value as it is. */
export function referenced(value: unknown): unknown {
  if (!isRecord(value) || value[SIGNATURE] !== RESOURCE_REFERENCE) return value;
  if (value.id === "") return UNKNOWN;
  return value.id ?? value.urn;
}

/** Absent, false, zero and empty are one and the same to the official providers' state. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.values(value).every(isEmpty);
}

/** JSON text with sorted keys: equal for equal values. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** The values without keys that are undefined or null, as they travel to the engine. */
export function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** The values as plain JSON data, the only kind that travels. */
export function plain(values: unknown): PropertyMap {
  const map: PropertyMap = JSON.parse(JSON.stringify(values ?? {}));
  return map;
}
