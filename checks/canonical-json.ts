// JSON with one spelling for each value (RFC 8785), so that a digest or signature of it means the value.
import { createHash } from "node:crypto";

/** @throws when the value is no JSON value: undefined, a function, NaN or an infinity. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new Error(`canonical JSON: ${value} is no JSON value`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new Error(`canonical JSON: a ${typeof value} is no JSON value`);
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    // By UTF-16 code units, which is how JavaScript compares strings and what the RFC asks for.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${members.join(",")}}`;
}

/** SHA-256 of the canonical JSON, as hex. */
export function digestJson(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
