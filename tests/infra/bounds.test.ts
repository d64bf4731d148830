// Every bound of every setting, with the value at it and the one beyond it. Bounds are found in the schemas, those within lists,
// named groups and choices too, so that none can be left out.
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../../infra/settings/json-schema.ts";
import { type SectionName, sections } from "../../infra/settings/sections.ts";

/** One step on the way to a setting: a name, the first of a list, or one of several forms. */
type Step = { property: string } | { item: true } | { form: number };

interface Bound {
  section: SectionName;
  steps: Step[];
  /** Words for the title. */
  bound: string;
  accepted: unknown;
  refused: unknown;
}

const KEYS = ["JWT_SECRET", "orders", "Orders", "$.orders", "autovacuum_vacuum_threshold"];
const BEYOND = Number.MAX_SAFE_INTEGER;

function* boundsOf(section: SectionName, schema: JsonSchema, steps: Step[] = []): Generator<Bound> {
  for (const [bound, accepted, refused] of own(schema)) yield { section, steps, bound, accepted, refused };
  for (const [property, inner] of Object.entries(schema.properties ?? {}))
    yield* boundsOf(section, inner, [...steps, { property }]);
  if (schema.items) yield* boundsOf(section, schema.items, [...steps, { item: true }]);
  const named = schema.additionalProperties;
  if (typeof named === "object") yield* boundsOf(section, named, [...steps, { property: keyOf(schema) }]);
  for (const [form, inner] of formsOf(schema).entries())
    yield* boundsOf(section, inner, [...steps, { form }]);
}

/** The bounds of one value: at it, and beyond it. */
function* own(schema: JsonSchema): Generator<[string, unknown, unknown]> {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const { exclusiveMinimum } = schema;
  const step = schema.multipleOf ?? (schema.type === "integer" ? 1 : 0.001);
  if (minimum !== undefined && minimum > -BEYOND) yield [`minimum ${minimum}`, minimum, minimum - step];
  if (maximum !== undefined && maximum < BEYOND) yield [`maximum ${maximum}`, maximum, maximum + step];
  if (typeof exclusiveMinimum === "number")
    yield [`above ${exclusiveMinimum}`, exclusiveMinimum + step, exclusiveMinimum];
  if (schema.multipleOf !== undefined && minimum !== undefined)
    yield [`multiple of ${schema.multipleOf}`, minimum + schema.multipleOf, minimum + 1];
  // What a text must look like decides its length elsewhere.
  if (schema.pattern === undefined && schema.format === undefined) {
    if (minLength !== undefined)
      yield [`length ${minLength}`, "x".repeat(minLength), "x".repeat(minLength - 1)];
    if (typeof maxLength === "number")
      yield [`length ${maxLength}`, "x".repeat(maxLength), "x".repeat(maxLength + 1)];
  }
  const items = (count: number) =>
    Array.from({ length: count }, (_, index) => sampleOf(placesOf(schema)[index] ?? schema.items ?? {}));
  if (minItems !== undefined) yield [`${minItems} items`, items(minItems), items(minItems - 1)];
  if (typeof maxItems === "number") yield [`${maxItems} items`, items(maxItems), items(maxItems + 1)];
}

function formsOf(schema: JsonSchema): JsonSchema[] {
  const { oneOf } = schema;
  return schema.anyOf ?? (Array.isArray(oneOf) ? oneOf : []);
}

/** The places of a list that has a form for each. */
function placesOf({ prefixItems }: JsonSchema): JsonSchema[] {
  return Array.isArray(prefixItems) ? prefixItems : [];
}

/** A name that the keys of a named group may have. */
function keyOf({ propertyNames }: JsonSchema): string {
  const allowed = propertyNames?.enum?.[0];
  if (typeof allowed === "string") return allowed;
  const pattern = new RegExp(propertyNames?.pattern ?? "");
  const key = KEYS.find((name) => pattern.test(name));
  if (key === undefined) throw new Error(`no name for ${pattern}`);
  return key;
}

const TEXTS = [
  ...["orders", "/orders", "https://orders.example.com", "$.orders", "ORDERS", "2030-01-01", "1.0.0"],
  ...["ops@example.com", "10.0.0.0/16", "vpc-0a1b", "subnet-0a1b", "T07EA123LEP", "C07EZ1ABC23", "POST"],
  ...["arn:aws:iam::123456789012:role/orders", "repo:orders/orders:ref", "us-east-1", "us-east-1a"],
  ...["123456789012"],
  ...["0 2 * * *", "greenlight:orders", "PT1H", "a".repeat(64), "orders#orders", "www.example.com"],
];

/** Some value that the schema takes, as far as its form says. */
function sampleOf(schema: JsonSchema): unknown {
  const [given] = schema.examples ?? [];
  if (given !== undefined) return given;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [form] = formsOf(schema);
  if (form) return sampleOf(form);
  if (schema.type === "object" || schema.properties) return objectOf(schema);
  if (schema.type === "array")
    return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}));
  if (schema.type === "integer" || schema.type === "number")
    return Math.max(schema.minimum ?? 1, Number(schema.exclusiveMinimum ?? 0) + 1);
  if (schema.type === "boolean") return true;
  const pattern = new RegExp(schema.pattern ?? "");
  return TEXTS.find((text) => pattern.test(text) && takesFormat(text, schema.format)) ?? "orders";
}

function takesFormat(text: string, format: string | undefined): boolean {
  if (format === "uri") return URL.canParse(text);
  if (format === "email") return text.includes("@");
  if (format === "date") return /^\d{4}-/.test(text);
  return true;
}

function objectOf(schema: JsonSchema): { [name: string]: unknown } {
  return Object.fromEntries(
    (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})]),
  );
}

/** The value with what stands around it, and its path. */
function around(
  schema: JsonSchema,
  [step, ...rest]: Step[],
  value: unknown,
  here: unknown,
): [unknown, PropertyKey[]] {
  if (step === undefined) return [value, []];
  if ("form" in step) {
    const [inner] = around(formsOf(schema)[step.form] ?? {}, rest, value, undefined);
    // A choice tells its faults as a whole.
    return [inner, []];
  }
  if ("item" in step) {
    const [inner, path] = around(schema.items ?? {}, rest, value, Array.isArray(here) ? here[0] : undefined);
    return [[inner], [0, ...path]];
  }
  const named = schema.additionalProperties;
  const next = schema.properties?.[step.property] ?? (typeof named === "object" ? named : {});
  const given =
    here !== null && typeof here === "object" ? Object.fromEntries(Object.entries(here)) : objectOf(schema);
  const [inner, path] = around(next, rest, value, given[step.property]);
  return [{ ...given, [step.property]: inner }, [step.property, ...path]];
}

const schemas = sections();
const all = Object.entries(schemas).flatMap(([name, schema]) => [
  ...boundsOf(name as SectionName, jsonSchemaOf(schema)),
]);
const titleOf = ({ section, steps, bound }: Bound) =>
  `${[section, ...steps.map((step) => ("property" in step ? step.property : "item" in step ? "[]" : `form ${step.form}`))].join(".")}: ${bound}`;

/** Faults of the section that are about the setting. */
function faultsAt({ section, steps }: Bound, value: unknown): z.core.$ZodIssue[] {
  const json = jsonSchemaOf(schemas[section]);
  const [whole, path] = around(json, steps, value, json.examples?.[0]);
  const { error } = schemas[section].safeParse(whole);
  // Rules between settings are tested with the settings.
  return (error?.issues ?? []).filter(
    (issue) => issue.code !== "custom" && path.every((step, index) => issue.path[index] === step),
  );
}

describe("every bound", () => {
  it("is found: of numbers, texts and lists, also within choices", () => {
    const found = all.map(titleOf).join("\n");
    expect(all.length).toBeGreaterThan(600);
    for (const one of [
      "backup.retentionDays: maximum 3650",
      "backup.transitions.[].days: minimum 1",
      "application.generated.JWT_SECRET.length: minimum 16",
      "network.subnetIds: 2 items",
      "record.commit: length 200",
    ])
      expect(found).toContain(one);
    expect(found).toMatch(/alarms\.rules\.queueSize\.periodSeconds\.form \d: multiple of 60/);
    expect(found).toMatch(/agent\.sources\.queueSize\.form \d+\.recentSeconds: maximum 3600/);
  });

  it.each(Object.keys(schemas))("of %s takes what is at it, and refuses what is beyond it", (section) => {
    const own = all.filter((one) => one.section === section);
    const wrong = own.flatMap((one) => [
      ...(faultsAt(one, one.accepted).length === 0 ? [] : [`${titleOf(one)} is refused`]),
      ...(faultsAt(one, one.refused).length > 0 ? [] : [`${titleOf(one)} takes what is beyond it`]),
    ]);
    expect(wrong).toEqual([]);
  });
});
