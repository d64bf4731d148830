// What the reader of settings finds wrong with a stack file.
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { jsonSchemaOf } from "../../../infra/settings/json-schema.ts";
import { sections } from "../../../infra/settings/sections.ts";
import { readSettings } from "../../../infra/settings.ts";
import { sourceOf } from "./source.ts";

/** The least that a stack file has. */
export const MINIMAL = `config:
  aws:region: us-east-1
  greenlight:system:
    name: orders
`;

/** The message for a file, without its headline; undefined when it has no fault. */
export function faultsOf(text: string, stack: Parameters<typeof sourceOf>[1] = {}): string[] {
  try {
    readSettings(sourceOf(text, stack));
    return [];
  } catch (error) {
    if (!(error instanceof pulumi.RunError)) throw error;
    return error.message.split("\n").slice(1);
  }
}

/** JSON Schema of each section, by name. */
export const SCHEMAS = new Map(
  Object.entries(sections()).map(([name, schema]) => [name, jsonSchemaOf(schema)]),
);
/** The documented example of each section, by its key. */
export const EXAMPLES = Object.fromEntries(
  [...SCHEMAS].map(([name, schema]) => [`greenlight:${name}`, schema.examples?.[0]]),
);

/** The faults of one section beside everything it may need. */
export function sectionFaults(name: string, value: unknown): string[] {
  const text = stringify({
    config: { "aws:region": "us-east-1", ...EXAMPLES, [`greenlight:${name}`]: value },
  });
  return faultsOf(text);
}
