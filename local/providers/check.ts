// Turns what the program wrote into the inputs a handler works with: shapes verified, defaults and automatic
// names filled in, every unsupported property refused by name. Pure but for the random part of names.

import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import { autoName } from "./auto-name.ts";
import type { Properties, Property } from "./schema.ts";
import { isRecord, isUnknown, referenced } from "./values.ts";

/** Top-level inputs that check filled in, kept beside them under this key as the official providers do. */
export const DEFAULTS = "__defaults";

export interface CheckRequest {
  /** Resource type, named in failures, e.g. `aws:s3/bucket:Bucket`. */
  type: string;
  logicalName: string;
  properties: Properties;
  /** Inputs of the last deployment; empty for a new resource. */
  olds: Record<string, unknown>;
  news: Record<string, unknown>;
  randomSeed?: Uint8Array;
}

/** Checked inputs (to be ignored when there are failures) and what is wrong with them, all at once. */
export function checkInputs(request: CheckRequest): {
  inputs: Record<string, unknown>;
  failures: CheckFailure[];
} {
  const failures: CheckFailure[] = [];
  const context = { type: request.type, fail: (f: CheckFailure) => failures.push(f) };
  const inputs = checkFields(request.news, request.properties, "", context);
  const defaults = fillIn(inputs, request, context);
  const ordered = Object.fromEntries(Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { inputs: { [DEFAULTS]: defaults, ...ordered }, failures };
}

interface Context {
  type: string;
  fail(failure: CheckFailure): void;
}

/** Puts defaults and names where the program gave none; returns the keys it filled. */
function fillIn(inputs: Record<string, unknown>, request: CheckRequest, context: Context): string[] {
  const recorded: unknown = request.olds[DEFAULTS];
  const filledBefore = Array.isArray(recorded) ? recorded : [];
  const filled: string[] = [];
  for (const [key, property] of Object.entries(request.properties)) {
    if (inputs[key] !== undefined) continue;
    if (property.name) {
      const { suffix } = property.name;
      const ending = suffix && inputs[suffix.when] === true ? suffix.text : "";
      const before = filledBefore.includes(key) ? request.olds[key] : undefined;
      const kept = typeof before === "string" && before.endsWith(ending) ? before : undefined;
      inputs[key] = kept ?? autoName(request.logicalName, property.name, ending, request.randomSeed);
      if (inputs[key] === undefined)
        context.fail({
          property: key,
          reason: `${request.type}: the name "${request.logicalName}" with a hyphen and 7 digits is longer than the ${property.name.maxLength} characters that "${key}" may have; shorten it`,
        });
    } else if (property.default !== undefined) inputs[key] = property.default;
    else continue;
    filled.push(key);
  }
  return filled.sort();
}

function checkFields(
  values: Record<string, unknown>,
  properties: Properties,
  path: string,
  context: Context,
): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(values)) {
    if (key.startsWith("__") || given === undefined || given === null) continue;
    const property = properties[key];
    const at = path === "" ? key : `${path}.${key}`;
    if (property) checked[key] = checkValue(given, property, at, context);
    else
      context.fail({
        property: at,
        reason: `${context.type}: property "${at}" is not supported by the local provider`,
      });
  }
  for (const [key, property] of Object.entries(properties)) {
    if (property.required && checked[key] === undefined) {
      const at = path === "" ? key : `${path}.${key}`;
      context.fail({ property: at, reason: `${context.type}: missing required property "${at}"` });
    }
    if (path !== "" && property.default !== undefined) checked[key] ??= property.default;
  }
  return checked;
}

function checkValue(given: unknown, property: Property, path: string, context: Context): unknown {
  const value = referenced(given);
  if (isUnknown(value)) return value;
  const refuse = (wanted: string) => {
    const got = property.secret ? "another value" : abbreviate(value);
    context.fail({
      property: path,
      reason: `${context.type}: property "${path}" must be ${wanted}, got ${got}`,
    });
    return value;
  };
  const shaped = shape(value, property, path, context);
  if (shaped === undefined) return refuse(DESCRIPTIONS[property.kind]);
  if (property.oneOf && !property.oneOf.includes(shaped)) {
    return refuse(`one of ${property.oneOf.map((allowed) => JSON.stringify(allowed)).join(", ")}`);
  }
  if (typeof shaped === "number") {
    const { minimum = -Infinity, maximum = Infinity } = property;
    if (shaped < minimum || shaped > maximum) return refuse(bounds(property));
  }
  return shaped;
}

const DESCRIPTIONS = {
  text: "text",
  flag: "true or false",
  number: "a number",
  json: "JSON text",
  policy: "a policy document as JSON text",
  object: "an object",
  list: "a list",
  set: "a list",
  map: "an object of text values",
};

/** The value in the property's kind, converted where no information is lost; undefined when it does not fit. */
function shape(value: unknown, property: Property, path: string, context: Context): unknown {
  switch (property.kind) {
    case "text":
      if (typeof value === "number" || typeof value === "boolean") return String(value);
      return typeof value === "string" ? value : undefined;
    case "flag":
      if (value === "true" || value === "false") return value === "true";
      return typeof value === "boolean" ? value : undefined;
    case "number": {
      const parsed = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : undefined;
    }
    case "json":
    case "policy":
      return jsonText(value);
    case "object":
      return isRecord(value) ? checkFields(value, property.fields ?? {}, path, context) : undefined;
    case "list":
    case "set": {
      if (!Array.isArray(value)) return undefined;
      const { element } = property;
      if (!element) return value;
      return value.map((inner, index) => checkValue(inner, element, `${path}[${index}]`, context));
    }
    case "map": {
      if (!isRecord(value)) return undefined;
      const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
      if (entries.some(([, inner]) => typeof inner === "object")) return undefined;
      return Object.fromEntries(entries.map(([key, inner]) => [key, String(inner)]));
    }
  }
}

function jsonText(value: unknown): string | undefined {
  if (isRecord(value) || Array.isArray(value)) return JSON.stringify(value);
  if (typeof value !== "string") return undefined;
  try {
    JSON.parse(value);
    return value;
  } catch {
    return undefined;
  }
}

function bounds({ minimum, maximum }: Property): string {
  if (minimum === undefined) return `at most ${maximum}`;
  return maximum === undefined ? `at least ${minimum}` : `from ${minimum} to ${maximum}`;
}

function abbreviate(value: unknown): string {
  const written = JSON.stringify(value) ?? String(value);
  return written.length > 60 ? `${written.slice(0, 57)}...` : written;
}
