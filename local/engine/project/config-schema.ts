// The `config` section of Pulumi.yaml: defaults, types and required keys, merged under a stack's own configuration.
import { Failure } from "../state/failure.ts";
import type { Value } from "../types.ts";
import { holdsSecret, type RawConfig, scalarText, secureText } from "./config.ts";
import { parseConfigKey } from "./config-key.ts";
import { isObject } from "./project-file.ts";

type Json = { [key: string]: Value };

interface Declaration {
  key: string;
  type?: string;
  items?: Value;
  /** `default` of a project key, `value` of any. */
  value?: Value;
  secret: boolean;
}

const TYPES = ["string", "integer", "boolean", "object", "array"];

/**
 * Adds the project's values to a stack's configuration and checks it.
 * @throws Failure listing every missing key, or naming the first of a wrong type.
 */
export function mergeProjectConfig(raw: RawConfig, schema: Json, project: string, stack: string): RawConfig {
  const merged = new Map(raw);
  const missing: string[] = [];
  for (const [name, entry] of Object.entries(schema)) {
    const declaration = readDeclaration(name, entry, project);
    const given = merged.get(declaration.key);
    if (given === undefined) {
      if (declaration.value !== undefined) merged.set(declaration.key, defaultValue(declaration.value));
      else if (declaration.key.startsWith(`${project}:`)) missing.push(name);
      else continue;
    }
    const value = merged.get(declaration.key);
    if (value !== undefined) requireDeclared(declaration, value, stack);
  }
  if (missing.length > 0) {
    const names = missing.map((name) => `\`${name}\``).join(", ");
    throw new Failure(
      `Stack '${stack}' is missing configuration value${missing.length > 1 ? "s" : ""} ${names}; set with pulumi config set`,
    );
  }
  return new Map([...merged].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readDeclaration(name: string, entry: Value, project: string): Declaration {
  const key = parseConfigKey(name, project);
  const own = key.startsWith(`${project}:`);
  const fault = (text: string) => new Failure(`project configuration "${name}": ${text}`);
  if (!isObject(entry)) return { key, value: entry, secret: false };
  const { type, items, secret, default: fallback, value } = entry;
  if (fallback !== undefined && value !== undefined) throw fault("has both default and value, want one");
  if (!own && (fallback !== undefined || type !== undefined)) {
    throw fault("has default or type, want only value in another namespace");
  }
  if (type !== undefined && !(typeof type === "string" && TYPES.includes(type))) {
    throw fault(`type must be one of ${TYPES.join(", ")}, got ${JSON.stringify(type)}`);
  }
  if (type === "array" && items === undefined) throw fault("type array needs items");
  const given = fallback ?? value;
  return {
    key,
    secret: secret === true,
    ...(typeof type === "string" && { type }),
    ...(items !== undefined && { items }),
    ...(given !== undefined && given !== null && { value: given }),
  };
}

// Primitives become text, as in a stack file written by `config set`.
function defaultValue(value: Value): Value {
  return typeof value === "object" && value !== null ? value : scalarText(value);
}

function requireDeclared(declaration: Declaration, value: Value, stack: string): void {
  const { key, type, items, secret } = declaration;
  if (secret && !holdsSecret(value)) {
    throw new Failure(
      `Stack '${stack}' with configuration key '${key}' must be encrypted as it's secret; set it with --secret`,
    );
  }
  if (type !== undefined && !hasType(value, type, items)) {
    throw new Failure(
      `Stack '${stack}' with configuration key '${key}' must be of type '${describeType(type, items)}'`,
    );
  }
}

function hasType(value: Value, type: string, items: Value | undefined): boolean {
  // What a secret holds is not judged: it would have to be opened to say that it is wrong.
  if (secureText(value) !== undefined) return true;
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return (
        (typeof value === "number" && Number.isInteger(value)) ||
        (typeof value === "string" && /^[+-]?\d+$/.test(value))
      );
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return isObject(value);
    default:
      return Array.isArray(value) && value.every((element) => hasItemType(element, items));
  }
}

function hasItemType(element: Value, items: Value | undefined): boolean {
  if (!isObject(items) || typeof items.type !== "string") return true;
  return hasType(element, items.type, items.items);
}

function describeType(type: string, items: Value | undefined): string {
  if (type !== "array" || !isObject(items)) return type;
  return `array<${describeType(String(items.type), items.items)}>`;
}
