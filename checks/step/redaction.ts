// Takes secret values out of everything a step shows or keeps.
import { percentDecoded } from "../percent-encoding.ts";

export const REDACTED = "[secret]";
const SHORTEST = 6;
// Of a secret of several lines; a shorter one says little of it, and may be a word that occurs elsewhere.
const SHORTEST_LINE = 16;

/** A function that replaces the given values, also where they are URL- or JSON-encoded or a line each, in any text or JSON value. */
export function redactor(secrets: string[]): <T>(value: T) => T {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST) continue;
    spellings.add(secret);
    spellings.add(encodeURIComponent(secret));
    spellings.add(JSON.stringify(secret).slice(1, -1));
    spellings.add(Buffer.from(secret).toString("base64"));
    for (const line of linesOf(secret)) spellings.add(line);
  }
  // Longest first, so that a secret that contains another one goes as a whole.
  const ordered = [...spellings].sort((a, b) => b.length - a.length);
  const text = (value: string) =>
    ordered.reduce((shown, secret) => shown.replaceAll(secret, REDACTED), value);
  const any = (value: unknown): unknown => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map(any);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [text(key), any(item)]));
  };
  return <T>(value: T) => any(value) as T;
}

/** Of a secret of several, such as a key in PEM, whose first and last say only what it is; in a variable `\n` may stand for their ends. */
function linesOf(secret: string): string[] {
  const lines = secret.split(/\n|\\n/).map((line) => line.trim());
  if (lines.length === 1) return [];
  return lines.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));
}

/** The password of a connection address, as written and decoded; empty when there is none. */
export function passwordsOf(address: string): string[] {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url?.password) return [];
  return [url.password, percentDecoded(url.password) ?? url.password];
}
