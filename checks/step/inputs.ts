// What a step is given: inputs that all steps have, and its own, of which a preview does not know all.
import { z } from "zod";
import { digestJson } from "../canonical-json.ts";
import type { StepDefinition } from "./definition.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A failing observation that a person accepted for a time; kept beside it in the evidence. */
export const waiver = () =>
  z.strictObject({
    observation: z.string(),
    person: z.string().min(1),
    reason: z.string().min(1),
    /** First day on which the waiver no longer counts, `YYYY-MM-DD`. */
    expires: z.iso.date(),
  });

/**
 * Checks that are run when this one fails, since nothing after it is: what an earlier step switched off comes back, people are
 * told. `reasonAs` is the input that takes why it failed, `outcomeAs` the one that takes how it ended. Text while they hold values
 * that are not known before `up`.
 */
const onFailure = () =>
  z.union([
    z.array(
      z.strictObject({
        kind: z.string().regex(/^[a-z][a-z-]*$/),
        inputs: z.record(z.string(), z.unknown()),
        reasonAs: z.string().optional(),
        outcomeAs: z.string().optional(),
      }),
    ),
    z.string(),
  ]);

/** Inputs that every step has beside its own. */
export const common = () =>
  z.object({
    kind: z.string().regex(/^[a-z][a-z-]*$/),
    name: z.string().min(1),
    deadlineSeconds: z.number().int().min(1).max(86_400).optional(),
    enforcement: z.enum(["mandatory", "advisory"]).optional(),
    waivers: z.array(waiver()).optional(),
    onFailure: onFailure().optional(),
  });
export type Common = z.output<ReturnType<typeof common>>;

/** Schemas are made once: parsing with a new one compiles it anew, and a step is asked three times in a run. */
const shared = common();
const schemas = new WeakMap<StepDefinition, z.ZodObject>();

function schemaOf(definition: StepDefinition): z.ZodObject {
  const known = schemas.get(definition) ?? definition.inputs();
  schemas.set(definition, known);
  return known;
}

export type Raw = { [key: string]: unknown };
export type Split = {
  common: Common;
  own: Raw;
  unknown: string[];
  failures: { property: string; reason: string }[];
};

export async function load(kind: string): Promise<StepDefinition> {
  const module: { step: StepDefinition } = await import(new URL(`../${kind}.ts`, import.meta.url).href);
  return module.step;
}

function mentionsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(mentionsUnknown);
}

/** Separates the common inputs from the check's own and judges all values that are known. */
export function split(definition: StepDefinition, raw: Raw): Split {
  const {
    __provider,
    plan,
    accepted,
    observations,
    facts,
    result,
    startedAt,
    finishedAt,
    durationSeconds,
    digest,
    afterFailure: _afterFailure,
    ...rest
  } = raw;
  const given = shared.parse(rest);
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !(key in shared.shape)));
  const unknown = Object.keys(own).filter((key) => mentionsUnknown(own[key]));
  const known = Object.fromEntries(Object.entries(own).filter(([key]) => !unknown.includes(key)));
  const parsed = schemaOf(definition).safeParse(known);
  const failures = (parsed.error?.issues ?? [])
    .filter((issue) => !unknown.includes(String(issue.path[0])))
    .map((issue) => ({ property: issue.path.join(".") || given.kind, reason: issue.message }));
  return { common: given, own: parsed.data ?? known, unknown, failures };
}

/** Fingerprint of what the step depends on. */
export function digestOf(definition: StepDefinition, inputs: Split): string {
  const identity = definition.rerun === "always" ? null : definition.rerun(inputs.own);
  return digestJson(identity);
}
