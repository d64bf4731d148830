// What an answer must be, as data: printed beside what was seen, so that a failure explains itself.
// Used wherever a stack or a journey file states expectations: health, smoke, release.
import { z } from "zod";
import { isLargeNumber } from "../json-of.ts";
import { isPattern } from "../pattern.ts";
import { valueAt } from "./json-path.ts";

const scalar = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Conditions on one value; all that are given must hold. */
const condition = () =>
  z
    .strictObject({
      /** Deep equality with a JSON value; a whole number beyond 9007199254740991 is written as text. */
      equals: z.json(),
      /** There, and another value. */
      not: z.json(),
      oneOf: z.array(scalar()).min(1),
      atLeast: z.number(),
      atMost: z.number(),
      /** Part of a text, or an item of a list. */
      contains: scalar(),
      /** Regular expression, unanchored. */
      matches: z.string().refine(isPattern, "must be a regular expression"),
      exists: z.boolean(),
      type: z.enum(["string", "number", "boolean", "object", "array", "null"]),
      /** Exact length of a text or list. */
      length: z.number().int().min(0),
      minLength: z.number().int().min(0),
    })
    .partial()
    .refine((given) => Object.keys(given).length > 0, "must state at least one condition");

/** A plain JSON scalar means `equals`. */
const matcher = () => z.union([scalar(), condition()]);
export type Matcher = z.output<ReturnType<typeof matcher>>;

/** `200`, `"2xx"` or `[200, 204]`. */
const statuses = () =>
  z.union([
    z.number().int().min(100).max(599),
    z.string().regex(/^[1-5]xx$/),
    z.array(z.number().int().min(100).max(599)).min(1),
  ]);

/** What an answer must be. For HTTP answers without `status`, 2xx is wanted. */
export const expectation = () =>
  z.strictObject({
    status: statuses().optional(),
    /** By header name in any case. */
    headers: z.record(z.string(), matcher()).default({}),
    /** By JSON path, e.g. `{ "$.jobs.length": { atLeast: 4 } }`. */
    json: z.record(z.string().startsWith("$"), matcher()).default({}),
    /** The whole body as text. */
    text: matcher().optional(),
    atMostMilliseconds: z.number().min(1).max(300_000).optional(),
  });
export type Expectation = z.output<ReturnType<typeof expectation>>;

/** What was answered; parts that a kind of answer does not have are absent. */
export interface Answer {
  status?: number;
  headers?: { [name: string]: string };
  text?: string;
  json?: unknown;
  milliseconds: number;
}

/** One line for each part that is not as wanted, `<what>: <observed>, want <expected>`; empty when all is well. */
export function faultsOf(answer: Answer, wanted: Expectation): string[] {
  const faults: string[] = [];
  if (answer.status !== undefined && !statusMatches(answer.status, wanted.status ?? "2xx"))
    faults.push(`status: ${answer.status}${excerpt(answer)}, want ${shown(wanted.status ?? "2xx")}`);
  for (const [name, expected] of Object.entries(wanted.headers))
    faults.push(...judge(`header ${name.toLowerCase()}`, answer.headers?.[name.toLowerCase()], expected));
  const paths = Object.entries(wanted.json);
  if (paths.length > 0 && answer.json === undefined)
    faults.push(`body: not JSON${excerpt(answer)}, want JSON`);
  else
    for (const [path, expected] of paths) faults.push(...judge(path, valueAt(answer.json, path), expected));
  if (wanted.text !== undefined) faults.push(...judge("body", answer.text, wanted.text));
  if (wanted.atMostMilliseconds !== undefined && answer.milliseconds > wanted.atMostMilliseconds)
    faults.push(`time: ${Math.ceil(answer.milliseconds)} ms, want at most ${wanted.atMostMilliseconds} ms`);
  return faults;
}

/** The expectation in words, for evidence, e.g. `status 200, $.status "ok"`. */
export function renderExpectation(wanted: Expectation, isHttp = true): string {
  const parts = [
    ...(isHttp || wanted.status !== undefined ? [`status ${shown(wanted.status ?? "2xx")}`] : []),
    ...Object.entries(wanted.headers).map(
      ([name, expected]) => `header ${name.toLowerCase()} ${shown(expected)}`,
    ),
    ...Object.entries(wanted.json).map(([path, expected]) => `${path} ${shown(expected)}`),
    ...(wanted.text === undefined ? [] : [`body ${shown(wanted.text)}`]),
    ...(wanted.atMostMilliseconds === undefined ? [] : [`within ${wanted.atMostMilliseconds} ms`]),
  ];
  return parts.join(", ") || "an answer";
}

function statusMatches(status: number, wanted: number | string | number[]): boolean {
  if (typeof wanted === "number") return status === wanted;
  if (typeof wanted === "string") return `${Math.floor(status / 100)}xx` === wanted;
  return wanted.includes(status);
}

function judge(what: string, seen: unknown, expected: Matcher): string[] {
  const wanted: z.output<ReturnType<typeof condition>> =
    expected !== null && typeof expected === "object" ? expected : { equals: expected };
  const failed = Object.entries(wanted)
    .filter(([name, value]) => value !== undefined && !holds(name, seen, value))
    .map(([name, value]) => `${words(name)}${shown(value)}`);
  return failed.length === 0 ? [] : [`${what}: ${shown(seen)}, want ${failed.join(" and ")}`];
}

function holds(name: string, seen: unknown, value: unknown): boolean {
  switch (name) {
    case "equals":
      return same(seen, value);
    case "not":
      return seen !== undefined && !same(seen, value);
    case "oneOf":
      return Array.isArray(value) && value.some((item) => same(seen, item));
    case "atLeast":
      return numberOf(seen) >= Number(value);
    case "atMost":
      return numberOf(seen) <= Number(value);
    case "contains":
      return Array.isArray(seen)
        ? seen.some((item) => same(item, value))
        : typeof seen === "string" && seen.includes(String(value));
    case "matches":
      return typeof seen === "string" && new RegExp(String(value)).test(seen);
    case "exists":
      return (seen !== undefined) === value;
    case "type":
      return typeOf(seen) === value || (value === "number" && isLargeNumber(seen));
    case "length":
      return lengthOf(seen) === value;
    case "minLength":
      return (lengthOf(seen) ?? -1) >= Number(value);
    default:
      return false;
  }
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  const right = new Map(Object.entries(b));
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key)))
  );
}

/** Not a number, which no bound is met by, for what is none. */
function numberOf(value: unknown): number {
  return typeof value === "number" || isLargeNumber(value) ? Number(value) : Number.NaN;
}

function lengthOf(value: unknown): number | undefined {
  return typeof value === "string" || Array.isArray(value) ? value.length : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function words(name: string): string {
  return name === "equals" ? "" : `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} `;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function excerpt(answer: Answer): string {
  const text = answer.text?.replace(/\s+/g, " ").trim();
  return text ? ` (${text.slice(0, 160)})` : "";
}
