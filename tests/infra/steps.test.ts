// Every setting of the infrastructure, changed one at a time: the update takes exactly the expected steps, and what holds data
// is neither replaced nor deleted. A setting without an entry in steps/changes.ts fails the test.
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { provision } from "../../infra/estate.ts";
import { type JsonSchema, jsonSchemaOf } from "../../infra/settings/json-schema.ts";
import { alarmRules } from "../../infra/settings/sections/alarms.ts";
import { type SectionName, sections } from "../../infra/settings/sections.ts";
import { readSettings } from "../../infra/settings.ts";
import { BASE, type Config, stackOf } from "./steps/base.ts";
import type { Change } from "./steps/change.ts";
import { CHANGES, CHECKS_ONLY, RULE_CHANGES } from "./steps/changes.ts";
import { planned, type Recorded } from "./support/planned.ts";
import { sourceOf } from "./support/source.ts";

/** The program of a stack with these settings. */
function program(config: Config): () => unknown {
  const named = Object.entries(config).map(([name, value]) => [`greenlight:${name}`, value]);
  const text = stringify({ config: { "aws:region": "us-east-1", ...Object.fromEntries(named) } });
  const settings = readSettings(sourceOf(text, { stack: "production" }));
  return () => {
    // As deployment/secrets.ts does once the release is there.
    provision(settings).database?.former([]);
  };
}

/** Names between dots, `[]` for the first of a list. */
function withValue(at: unknown, path: string[], value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (step === "[]") return [withValue(Array.isArray(at) ? at[0] : undefined, rest, value)];
  const here = at !== null && typeof at === "object" ? Object.fromEntries(Object.entries(at)) : {};
  return { ...here, [step]: withValue(here[step], rest, value) };
}

const stepsOf = (path: string, key = "*") =>
  path
    .replaceAll("*", key)
    .split(/\.|(?=\[\])/)
    .filter(Boolean);

/** Stacks as they were before, by their settings: most changes begin at the same ones. */
const recorded = new Map<string, Promise<Recorded>>();

async function before(config: Config): Promise<Recorded> {
  const key = JSON.stringify(config);
  const known = recorded.get(key) ?? planned(program(config)).then(({ after }) => after);
  recorded.set(key, known);
  return known;
}

const changes = Object.entries(CHANGES).flatMap(([section, entries]) =>
  Object.entries(entries).map(
    ([path, change]) => [`${section}.${path}`, section as SectionName, path, change] as const,
  ),
);

/** The limit of each rule, by the rule's name. */
const LIMITS = Object.fromEntries(
  Object.entries(jsonSchemaOf(alarmRules()).properties ?? {}).map(([rule, { required = [] }]) => [
    rule,
    required[0] ?? "",
  ]),
);

describe("of all rules at once, a changed", () => {
  const rulesWith = (change: (limit: string) => { [setting: string]: unknown }) => ({
    rules: Object.fromEntries(
      Object.entries(LIMITS).map(([rule, limit]) => [rule, { [limit]: 5, ...change(limit) }]),
    ),
  });

  it.each(Object.entries(RULE_CHANGES))("%s takes exactly the expected steps", async (field, {
    to,
    steps,
  }) => {
    const stack = (alarms: { [setting: string]: unknown }): Config => ({ system: BASE.system, alarms });
    const changed = rulesWith((limit) => {
      const name = field === "limit" ? limit : field;
      return field === "percentile" && limit !== "aboveMilliseconds" ? {} : { [name]: to };
    });
    const old = await before(stack(rulesWith(() => ({}))));
    const { steps: seen } = await planned(program(stack(changed)), old);
    expect(seen).toEqual(steps);
  });
});

/** Paths of all settings of a section, but those that every step has. */
function pathsOf(schema: JsonSchema, path = ""): string[] {
  const under = (name: string) => (path === "" ? name : `${path}.${name}`);
  const { properties, items, additionalProperties: named } = schema;
  if (properties)
    return Object.entries(properties).flatMap(([name, inner]) =>
      STEP_OPTIONS.includes(under(name)) ? [] : pathsOf(inner, under(name)),
    );
  if (items?.properties) return pathsOf(items, `${path}[]`);
  if (typeof named === "object" && named.properties) return pathsOf(named, `${path}.*`);
  return [path];
}

const STEP_OPTIONS = ["deadlineSeconds", "enforcement", "waivers"];

describe("every setting of", () => {
  const schemas = Object.entries(sections());

  it.each(schemas.filter(([name]) => !CHECKS_ONLY.includes(name)))("%s has its steps", (name, schema) => {
    const given = Object.keys(CHANGES[name as SectionName] ?? {});
    const known = (path: string) => {
      const [, rule, field] = name === "alarms" ? (/^rules\.(\w+)\.(\w+)$/.exec(path) ?? []) : [];
      if (rule !== undefined && field !== undefined) return field in RULE_CHANGES || LIMITS[rule] === field;
      // Channels of the three severities are alike.
      return given.includes(path.replace(/^channels\.P\d/, "channels.P1"));
    };
    expect(pathsOf(jsonSchemaOf(schema)).filter((path) => !known(path))).toEqual([]);
    expect(given.filter((path) => !pathsOf(jsonSchemaOf(schema)).includes(path))).toEqual([]);
  });

  it("checks alone changes nothing", async () => {
    const examples = schemas.map(([name, schema]) => [name, jsonSchemaOf(schema).examples?.[0]] as const);
    const all: Config = Object.fromEntries(examples);
    const provisioned = examples.filter(([name]) => !CHECKS_ONLY.includes(name) || name === "release");
    const old = await before(Object.fromEntries(provisioned));
    expect((await planned(program(all), old)).steps).toEqual({});
  });
});

describe("a changed", () => {
  it.each(changes)("%s takes exactly the expected steps", async (_title, section, path, change: Change) => {
    const stack = stackOf(section, change.section);
    const changed = withValue(stack[section], stepsOf(path, change.key), change.to);
    const { steps } = await planned(program({ ...stack, [section]: changed }), await before(stack));
    const refusals = Object.entries(steps).filter(([step]) => step.startsWith("refuse"));
    expect(change.refusalsOnly ? Object.fromEntries(refusals) : steps).toEqual(change.steps);
  });
});
