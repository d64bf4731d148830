// The settings as JSON Schema: for editors (greenlight.schema.json), for documentation and for messages.
import { z } from "zod";

/** The part of JSON Schema that the settings use, with our own word `unit`. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: { [name: string]: JsonSchema };
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  anyOf?: JsonSchema[];
  /** Choices that one of their settings tells apart. */
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  format?: string;
  minLength?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  default?: unknown;
  examples?: unknown[];
  /** Becomes `examples`. */
  example?: unknown;
  /** Given, never shown: a secret. */
  writeOnly?: boolean;
  unit?: string;
  [other: string]: unknown;
}

/** A section's schema as people write it: before defaults and interpolation. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const known = made.get(schema);
  if (known) return known;
  const options = { io: "input", unrepresentable: "any", target: "draft-2020-12" } as const;
  const json = withExamples(z.toJSONSchema(schema, options) as JsonSchema);
  made.set(schema, json);
  return json;
}

const made = new WeakMap<z.ZodType, JsonSchema>();

/** Settings carry one `example`: zod drops JSON Schema's own list wherever a value is transformed. */
function withExamples(schema: JsonSchema): JsonSchema {
  const { example, properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(example !== undefined && { examples: [example] }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, withExamples(inner)]),
      ),
    }),
    ...(items && { items: withExamples(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object" ? withExamples(additionalProperties) : additionalProperties,
    }),
  };
}

/** What a value may be, each by itself. */
export function choicesOf(schema: JsonSchema | undefined): JsonSchema[] {
  return schema?.anyOf ?? schema?.oneOf ?? (schema ? [schema] : []);
}

/** The schema of the value at a path; undefined where the path leads out of what is known. */
export function schemaAt(schema: JsonSchema, path: PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (at, step) =>
      together(
        choicesOf(at)
          .map((choice) => within(choice, step))
          .filter((found) => found !== undefined),
      ),
    schema,
  );
}

function within(choice: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  const { items, properties, additionalProperties: values } = choice;
  if (typeof step === "number") return items;
  return properties?.[String(step)] ?? (typeof values === "object" ? values : undefined);
}

function together(schemas: JsonSchema[]): JsonSchema | undefined {
  const different = [...new Map(schemas.map((one) => [JSON.stringify(one), one])).values()];
  if (different.length < 2) return different[0];
  return { anyOf: different, ...(different.some(({ writeOnly }) => writeOnly) && { writeOnly: true }) };
}

/** What a value may be, in words with figures and units, e.g. `a whole number from 1 to 3650 (days)`. */
export function allowedAt(schema: JsonSchema | undefined, otherwise: string): string {
  const words = schema && allowed(schema);
  return words || otherwise;
}

function allowed(schema: JsonSchema): string {
  const unit = schema.unit && schema.unit !== "path" ? ` ${schema.unit}` : "";
  if (schema.const !== undefined) return `${JSON.stringify(schema.const)}`;
  if (schema.enum) return `${listed(schema.enum.map(String))}${unit}`;
  if (schema.anyOf) return [...new Set(schema.anyOf.map(allowed))].join(" or ");
  if (Array.isArray(schema.type)) return `a ${schema.type.join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
  if (schema.type === "integer" || schema.type === "number") {
    const kind = schema.type === "integer" ? "a whole number" : "a number";
    const step = schema.multipleOf ? `, a multiple of ${schema.multipleOf}` : "";
    return `${kind}${bounds(schema)}${unit && ` (${unit.trim()})`}${step}`;
  }
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "array") {
    const least = schema.minItems ? `at least ${schema.minItems} of ` : "";
    return `a list of ${least}${schema.items ? allowed(schema.items) : "values"}`;
  }
  if (schema.type === "object") return objectWords(schema);
  if (schema.type === "string") return textWords(schema);
  return "";
}

function objectWords(schema: JsonSchema): string {
  if (schema.properties) return `settings (${Object.keys(schema.properties).join(", ")})`;
  const values =
    typeof schema.additionalProperties === "object" ? allowed(schema.additionalProperties) : "values";
  return `names with ${values}`;
}

function textWords(schema: JsonSchema): string {
  if (schema.unit === "path") return "a path from the project's folder";
  const kinds: { [format: string]: string } = {
    uri: "a web address",
    email: "an e-mail address",
    date: "a day, YYYY-MM-DD",
    cidrv4: "an IPv4 range, e.g. 10.0.0.0/16",
  };
  if (schema.format && kinds[schema.format]) return kinds[schema.format] ?? "";
  if (schema.pattern) return `a text matching ${schema.pattern}`;
  if (schema.minLength && schema.minLength > 1) return `a text of at least ${schema.minLength} characters`;
  return schema.writeOnly ? "a secret text" : "a text";
}

function bounds(schema: JsonSchema): string {
  const { minimum, maximum } = schema;
  // Safe-integer bounds are zod's own and say nothing to an operator.
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` from ${least} on`;
  return most === undefined ? "" : ` up to ${most}`;
}

function listed(items: string[]): string {
  return items.length === 1 ? (items[0] ?? "") : `one of ${items.join(", ")}`;
}
