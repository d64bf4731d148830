// The JSON Schema of a whole stack file, with which editors complete and check Pulumi.<stack>.yaml.
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";
import { REQUIRED, sections } from "./sections.ts";

/** Committed as `greenlight.schema.json`; the stack files point to it. */
export function stackFileSchema(): JsonSchema {
  const own = Object.entries(sections()).map(([name, schema]) => [
    `greenlight:${name}`,
    openedForEditors(jsonSchemaOf(schema)),
  ]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A stack of Greenlight",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: {
          "aws:region": {
            type: "string",
            description: "The AWS region of the stack.",
            examples: ["us-east-1"],
          },
          ...Object.fromEntries(own),
        },
        required: ["aws:region", ...REQUIRED.map((name) => `greenlight:${name}`)],
        // Keys of other namespaces belong to their providers; ours are all known.
        patternProperties: { "^(?!greenlight:).+:.+$": {} },
        additionalProperties: false,
      },
      encryptionsalt: { type: "string", description: "Written by Pulumi." },
      encryptedkey: { type: "string", description: "Written by Pulumi." },
      secretsprovider: { type: "string", description: "Written by Pulumi." },
      environment: { description: "Pulumi ESC environments." },
    },
    required: ["config"],
    additionalProperties: false,
  };
}

const REFERENCE: JsonSchema = { type: "string", pattern: "\\$\\{" };

/**
 * What a person may write where the program wants a value: a secret as `secure:`, and `${NAME}` instead of any text,
 * whatever form the text must have once it is replaced.
 */
function openedForEditors(schema: JsonSchema): JsonSchema {
  const { $schema: _, unit, ...rest } = schema;
  const described: JsonSchema =
    unit && unit !== "path" ? { ...rest, description: `${rest.description ?? ""} (${unit})`.trim() } : rest;
  if (rest.writeOnly) {
    const { description, examples } = described;
    const encrypted = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
    return {
      description,
      examples,
      anyOf: [{ type: "string" }, { ...encrypted, additionalProperties: false }],
    };
  }
  if (rest.type === "string" && (rest.pattern || rest.format)) {
    const { type, pattern, format, minLength: _, ...words } = described;
    return {
      ...words,
      anyOf: [
        { type, pattern, format },
        { type: "string", pattern: "\\$\\{" },
      ],
    };
  }
  if (rest.type === "integer" || rest.type === "number" || rest.type === "boolean") {
    const { description, default: usual, examples, ...shape } = described;
    return { description, default: usual, examples, anyOf: [shape, REFERENCE] };
  }
  return {
    ...described,
    ...(rest.properties && { properties: mapped(rest.properties) }),
    ...(rest.items && { items: openedForEditors(rest.items) }),
    ...(rest.anyOf && { anyOf: rest.anyOf.map(openedForEditors) }),
    ...(typeof rest.additionalProperties === "object" && {
      additionalProperties: openedForEditors(rest.additionalProperties),
    }),
  };
}

function mapped(properties: { [name: string]: JsonSchema }): { [name: string]: JsonSchema } {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, openedForEditors(schema)]),
  );
}
