// Runs a check's own function on validated inputs, as the step mechanism does, without Pulumi.
import type { z } from "zod";
import type { Facts, Finding, Observation, StepDefinition } from "../../../checks/step/definition.ts";

export interface Ran extends Finding {
  lines: string[];
  /** The observation with this id. @throws when there is none */
  seen(id: string): Observation;
}

/** @throws as the check does, or when the inputs are not valid */
export async function runStep<Schema extends z.ZodObject>(
  step: StepDefinition<Schema>,
  inputs: z.input<Schema>,
  options: { previous?: Facts; signal?: AbortSignal } = {},
): Promise<Ran> {
  const lines: string[] = [];
  const finding = await step.run(step.inputs().parse(inputs), {
    name: "test",
    log: (line) => lines.push(line),
    signal: options.signal ?? AbortSignal.timeout(60_000),
    previous: options.previous,
  });
  const seen = (id: string) => {
    const found = finding.observations.find((o) => o.id === id);
    if (!found) throw new Error(`no observation "${id}" among ${finding.observations.map((o) => o.id)}`);
    return found;
  };
  return { ...finding, lines, seen };
}

/** The faults of inputs, `path: message`; empty when they are valid. */
export function inputFaults<Schema extends z.ZodObject>(
  step: StepDefinition<Schema>,
  inputs: unknown,
): string[] {
  const issues = step.inputs().safeParse(inputs).error?.issues ?? [];
  return issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}
