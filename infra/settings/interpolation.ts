// Environment variables in settings: `${NAME}` stands for the variable's value, `$${` for a literal `${`.
// `${NAME.host}` takes one part of an address: host, port, user or password. `${NAME:-text}` falls back to the text.
import { percentDecoded } from "../../checks/percent-encoding.ts";

const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?:\.([a-z]+))?(?::-([^}]*))?\}/g;

/** A reference that has no value. */
export interface Missing {
  path: PropertyKey[];
  variable: string;
  /** What is wrong with it, e.g. `is not set`. */
  reason: string;
}

/** The value with every reference replaced, and what could not be replaced. */
export interface Interpolated {
  value: unknown;
  missing: Missing[];
}

/** Replaces references in all strings of a JSON value; keys stay as they are. */
export function interpolate(
  value: unknown,
  environment: { [name: string]: string | undefined },
  path: PropertyKey[] = [],
): Interpolated {
  const missing: Missing[] = [];
  const visit = (item: unknown, at: PropertyKey[]): unknown => {
    if (typeof item === "string") return replaced(item, at);
    if (Array.isArray(item)) return item.map((element, index) => visit(element, [...at, index]));
    if (item === null || typeof item !== "object") return item;
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, visit(inner, [...at, key])]));
  };
  const replaced = (text: string, at: PropertyKey[]) =>
    text.replace(REFERENCE, (whole, literal?: string, variable = "", part?: string, fallback?: string) => {
      if (literal !== undefined) return literal;
      const found = partOf(environment[variable], part);
      if (typeof found === "string") return found;
      if (fallback !== undefined && !environment[variable]) return fallback;
      missing.push({ path: at, variable, reason: found.reason });
      return whole;
    });
  return { value: visit(value, path), missing };
}

function partOf(value: string | undefined, part: string | undefined): string | { reason: string } {
  // An empty variable is a missing one: `export NAME=` is the usual way to forget a value.
  if (value === undefined || value === "") return { reason: "is not set" };
  if (part === undefined) return value;
  if (!URL.canParse(value)) return { reason: "is not an address with parts" };
  const url = new URL(value);
  const parts = new Map([
    ["host", url.hostname],
    ["port", url.port],
    ["user", percentDecoded(url.username)],
    ["password", percentDecoded(url.password)],
  ]);
  if (parts.has(part) && parts.get(part) === undefined)
    return { reason: `has a % in its ${part} that begins no character; write it %25` };
  return parts.get(part) || { reason: `has no part "${part}" (parts are ${[...parts.keys()].join(", ")})` };
}

/** Whether a text refers to the environment, so that its value may not be shown. */
export function refersToEnvironment(text: string): boolean {
  return [...text.matchAll(REFERENCE)].some((match) => match[2] !== undefined);
}

/** A place whose value has another form than wanted; `format` where the form is that of a text, e.g. `date`. */
export interface Misformed {
  path: PropertyKey[];
  format?: string;
}

/**
 * The value with texts turned into what they spell, at the given places: numbers and switches where the whole text is one
 * reference, since the environment knows texts only, and days and times that were written without quotes, which Pulumi
 * hands over as `2026-03-01 00:00:00 +0000 UTC`.
 */
export function retyped(value: unknown, raw: unknown, places: Misformed[]): unknown {
  return places.reduce<unknown>((given, { path, format }) => replacedAt(given, raw, path, format), value);
}

function replacedAt(
  value: unknown,
  raw: unknown,
  [step, ...rest]: PropertyKey[],
  format: string | undefined,
): unknown {
  if (step === undefined) {
    if (typeof value !== "string") return value;
    if (format !== undefined) return timeOf(value, format);
    return isReference(raw) ? spelled(value) : value;
  }
  if (value === null || typeof value !== "object" || raw === null || typeof raw !== "object") return value;
  const inner = (of: object) => Object.entries(of).find(([key]) => key === String(step))?.[1];
  const changed = replacedAt(inner(value), inner(raw), rest, format);
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? changed : item));
  return { ...value, [step]: changed };
}

function timeOf(text: string, format: string): string {
  const [, day, clock, offset = ""] =
    /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) ([+-]\d{4}) \S+$/.exec(text) ?? [];
  if (day === undefined || clock === undefined) return text;
  if (format === "date") return clock === "00:00:00" ? day : text;
  return new Date(`${day}T${clock}${offset.slice(0, 3)}:${offset.slice(3)}`).toISOString();
}

function isReference(raw: unknown): boolean {
  return typeof raw === "string" && raw.replace(REFERENCE, "") === "" && raw.match(REFERENCE)?.length === 1;
}

function spelled(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
