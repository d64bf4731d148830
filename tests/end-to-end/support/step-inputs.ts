// What the state of a deployed stack holds of its steps: the inputs with which each ran, and what it found.
import { z } from "zod";
import { STEP_TYPE } from "../../../report/steps.ts";

export type Inputs = { [key: string]: unknown };

/** A step as the state has it. */
export interface StoredStep {
  inputs: Inputs;
  outputs: Inputs;
}

// https://www.pulumi.com/docs/iac/concepts/secrets: how an exported state marks a secret
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = z.object({ [SIGNATURE]: z.string(), plaintext: z.string() });
const deployment = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      inputs: z.record(z.string(), z.unknown()).default({}),
      outputs: z.record(z.string(), z.unknown()).default({}),
    }),
  ),
});

/** The steps of an exported deployment by their names. */
export function storedSteps(exported: unknown): Map<string, StoredStep> {
  const steps = deployment.parse(exported).resources.filter(({ type }) => type.startsWith(STEP_TYPE));
  return new Map(
    steps.map(({ inputs, outputs }) => {
      const given = z.record(z.string(), z.unknown()).parse(readable(inputs));
      return [
        String(given.name),
        { inputs: given, outputs: z.record(z.string(), z.unknown()).parse(readable(outputs)) },
      ];
    }),
  );
}

/** The value with its secrets in place of their marks. */
function readable(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(readable);
  const marked = secret.safeParse(value);
  if (marked.success) return readable(JSON.parse(marked.data.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}
