// Runs a check the way the mechanism does, without Pulumi: defaults filled in, a deadline, lines of progress collected.
import type { z } from "zod";
import type { Facts, Finding, StepDefinition } from "../../../checks/step/definition.ts";

export async function runStep<Schema extends z.ZodObject>(
  step: StepDefinition<Schema>,
  inputs: z.input<Schema>,
  previous?: Facts,
): Promise<Finding & { lines: string[] }> {
  const lines: string[] = [];
  const signal = AbortSignal.timeout(50_000);
  const context = { name: 'check "test"', log: (line: string) => lines.push(line), signal, previous };
  return { ...(await step.run(step.inputs().parse(inputs), context)), lines };
}

/** `id: result`, or with what was seen. */
export function resultsOf({ observations }: Finding): { [id: string]: string } {
  return Object.fromEntries(observations.map(({ id, result }) => [id, result]));
}

/** What was seen by the observation of this id. */
export function observedOf({ observations }: Finding, id: string): string | undefined {
  return observations.find((observation) => observation.id === id)?.observed;
}
