// aws.iam.getPolicyDocument: statements to policy JSON, spelled as the official provider spells it. Pure.

import { invokeHandler } from "../../handler.ts";
import { list, object, text, type ValueOf } from "../../schema.ts";
import { isRecord } from "../../values.ts";
import type { AwsSession } from "../session.ts";

const principals = list(
  object({ type: text({ required: true }), identifiers: list(text(), { required: true }) }),
);

const statement = object({
  sid: text(),
  effect: text({ default: "Allow", oneOf: ["Allow", "Deny"] }),
  actions: list(text()),
  notActions: list(text()),
  resources: list(text()),
  notResources: list(text()),
  principals,
  notPrincipals: principals,
  conditions: list(
    object({
      test: text({ required: true }),
      variable: text({ required: true }),
      values: list(text(), { required: true }),
    }),
  ),
});

type Statement = ValueOf<typeof statement>;

export const policyDocument = invokeHandler<AwsSession>()({
  inputs: {
    policyId: text(),
    statements: list(statement),
    version: text({ default: "2012-10-17", oneOf: ["2008-10-17", "2012-10-17"] }),
  },
  async run(args) {
    const { statements = [], policyId, version } = args;
    const document = {
      Version: version,
      ...(policyId === undefined ? {} : { Id: policyId }),
      Statement: statements.map(render),
    };
    const json = JSON.stringify(document, null, 2);
    const id = String(hash(json));
    return { outputs: { ...args, id, json, minifiedJson: JSON.stringify(document) } };
  },
});

/** A list of one is written as its element, as the official provider does. */
function short(values: string[] | undefined): string | string[] | undefined {
  if (!values || values.length === 0) return undefined;
  return values.length === 1 ? values[0] : values.toSorted().toReversed();
}

function render(from: Statement): Record<string, unknown> {
  return {
    Sid: from.sid || undefined,
    Effect: from.effect,
    Action: short(from.actions),
    NotAction: short(from.notActions),
    Resource: short(from.resources),
    NotResource: short(from.notResources),
    Principal: renderPrincipals(from.principals),
    NotPrincipal: renderPrincipals(from.notPrincipals),
    Condition: renderConditions(from.conditions),
  };
}

function renderPrincipals(from: Statement["principals"]): unknown {
  if (!from || from.length === 0) return undefined;
  if (from.some(({ type, identifiers }) => type === "*" && identifiers.includes("*"))) return "*";
  const identifiersOf = new Map<string, string[]>();
  for (const { type, identifiers } of from) {
    identifiersOf.set(type, [...(identifiersOf.get(type) ?? []), ...identifiers]);
  }
  return Object.fromEntries([...identifiersOf].map(([type, identifiers]) => [type, short(identifiers)]));
}

function renderConditions(from: Statement["conditions"]): unknown {
  if (!from || from.length === 0) return undefined;
  const rendered: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of from) {
    const operator = rendered[test];
    if (isRecord(operator)) operator[variable] = short(values);
    else rendered[test] = { [variable]: short(values) };
  }
  return rendered;
}

/** A number that stands for the text, as the data source's id. */
function hash(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7);
}
