// Faults in settings: one line each with file, line, path, what was found, what is allowed and what to do.
import type { z } from "zod";
import { refersToEnvironment } from "./interpolation.ts";
import { allowedAt, choicesOf, type JsonSchema, schemaAt } from "./json-schema.ts";
import { nearest } from "./nearest.ts";

/** Something in the stack file that the program cannot work with. */
export interface Fault {
  /** From the configuration key on, e.g. `["greenlight:backup", "retentionDays"]`. */
  path: PropertyKey[];
  /** What was found; never a secret's value. */
  found: string;
  want: string;
  next: string;
  /** Another file than the stack file, with the line there. */
  file?: string;
  line?: number;
}

/** The faults of one section that its schema found. */
export function faultsOf(
  key: string,
  issues: z.core.$ZodIssue[],
  schema: JsonSchema,
  raw: unknown,
  encrypted: (path: PropertyKey[]) => boolean,
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((name) => unknownKey(key, [...issue.path, name], schema));
    if (issue.code === "invalid_key") return [badName(key, issue.path, schema)];
    const path = [key, ...issue.path];
    const leaf = schemaAt(schema, issue.path);
    const given = valueAt(raw, issue.path);
    const found =
      encrypted(path) || leaf?.writeOnly
        ? given === undefined
          ? "nothing"
          : "a secret value"
        : shown(given, mayHoldSecret(leaf) || encryptedWithin(given, path, encrypted));
    const want = issue.code === "custom" ? issue.message : allowedAt(leaf, issue.message);
    return [{ path, found, want, next: nextStep(leaf, given) }];
  });
}

/** A name that the application's variables or similar may not have. */
function badName(key: string, path: PropertyKey[], schema: JsonSchema): Fault {
  const names = schemaAt(schema, path.slice(0, -1))?.propertyNames ?? {};
  const found = JSON.stringify(String(path.at(-1)));
  return {
    path: [key, ...path],
    found: `name ${found}`,
    want: allowedAt(names, "another name"),
    next: "rename it",
  };
}

/** A setting that does not exist; names the one that was probably meant. */
export function unknownKey(key: string, path: PropertyKey[], schema: JsonSchema): Fault {
  const name = String(path.at(-1));
  const choices = choicesOf(schemaAt(schema, path.slice(0, -1)));
  const known = [...new Set(choices.flatMap(({ properties = {} }) => Object.keys(properties)))];
  const meant = nearest(name, known);
  return {
    path: [key, ...path],
    found: "a setting that does not exist",
    want: `one of ${known.join(", ")}`,
    next: meant ? `did you mean ${meant}?` : "remove it",
  };
}

function nextStep(leaf: JsonSchema | undefined, given: unknown): string {
  if (leaf?.default !== undefined && given !== undefined)
    return `correct it, or remove it for the default ${JSON.stringify(leaf.default)}`;
  const [example] = leaf?.examples ?? [];
  if (example !== undefined) return `write, for example, ${JSON.stringify(example)}`;
  return given === undefined ? "add it" : "correct it";
}

function valueAt(value: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (item, step) =>
      item !== null && typeof item === "object"
        ? Object.entries(item).find(([k]) => k === String(step))?.[1]
        : undefined,
    value,
  );
}

/** Whether a setting has secrets within. */
function mayHoldSecret(schema: JsonSchema | undefined): boolean {
  if (schema === undefined) return false;
  const { additionalProperties: values, items, anyOf = [], oneOf = [], properties = {} } = schema;
  const inner = [
    ...anyOf,
    ...oneOf,
    ...Object.values(properties),
    items,
    typeof values === "object" ? values : undefined,
  ];
  return schema.writeOnly === true || inner.some(mayHoldSecret);
}

function encryptedWithin(
  value: unknown,
  path: PropertyKey[],
  encrypted: (path: PropertyKey[]) => boolean,
): boolean {
  if (value === null || typeof value !== "object") return encrypted(path);
  return Object.entries(value).some(([name, item]) => encryptedWithin(item, [...path, name], encrypted));
}

/**
 * A value as it stands in the file; what came from the environment is not shown, since it may be a secret.
 * @param namesOnly of lists and settings, what is in them may be one too
 */
function shown(value: unknown, namesOnly: boolean): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string" && refersToEnvironment(value)) return `a value from ${value}`;
  const hidden = namesOnly && typeof value === "object";
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (item === null || typeof item === "object") return item;
    return hidden || (typeof item === "string" && item.includes("://")) ? "…" : item;
  });
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
