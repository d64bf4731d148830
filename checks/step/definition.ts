// What a check is: the contract between one check file and the mechanism that runs it inside `pulumi up`.
import type { z } from "zod";

/** `inconclusive` means that no data came; it is never a pass. */
export type Result = "passed" | "failed" | "notApplicable" | "inconclusive";

/** One thing that was looked at: what should be, and what was seen. A box of a checklist points at its `id`. */
export interface Observation {
  /** Kebab-case, unique within the step, e.g. `rate-limit`. */
  id: string;
  result: Result;
  /** What was wanted, in words with figures and units, e.g. `429 at request 61 within 60 s`. */
  expected: string;
  /** What was seen, in the same terms; for notApplicable and inconclusive the reason. */
  observed: string;
  /**
   * RFC 3339 UTC: what was seen so far is good, but it can only be judged then, e.g. at the end of a 24 h window. Only with
   * `inconclusive`; such an observation proves nothing yet and does not fail its step.
   */
  pendingUntil?: string;
}

/** JSON values that a step keeps as evidence. */
export type Fact = null | boolean | number | string | Fact[] | { [key: string]: Fact };
export type Facts = { [key: string]: Fact };

/** What a run found. `facts` are figures for the report: times, sizes, keys, versions. */
export interface Finding {
  observations: Observation[];
  facts: Facts;
}

/** What the mechanism gives to a running check. */
export interface StepContext {
  /** The step's name, for messages: `smoke "hv-consultores"`. */
  name: string;
  /** Shows a line of progress to the operator; secrets are taken out of it. */
  log(line: string): void;
  /** Aborts at the step's deadline: pass it to everything that waits. */
  signal: AbortSignal;
  /** The facts of the last run of this step that is on record, if any. */
  previous: Facts | undefined;
}

/** A check: strict inputs, what makes it run again, and how it runs. */
export interface StepDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** A function, so that loading the file does no work. Unknown keys are refused (`z.strictObject`). */
  inputs(): Schema;
  /** Values that may never be shown, e.g. passwords; text of six characters and more is replaced wherever it occurs. */
  secrets(inputs: z.output<Schema>): string[];
  /** `always` for a probe; for a step that makes history, the part of the inputs whose change makes it run again. */
  rerun: "always" | ((inputs: z.output<Schema>) => unknown);
  /**
   * Whether the step has to run although what it depends on is as it was, e.g. because something outside changed. Asked
   * in previews too: reads only. An error counts as no. @default not asked
   */
  again?(inputs: z.output<Schema>, previous: Facts, context: StepContext): Promise<boolean>;
  /** Default deadline in seconds; a stack may set another. */
  deadlineSeconds: number;
  /** Seconds that its inputs give it, where they can be more than its usual deadline, which is then as much later. */
  allowedSeconds?(inputs: z.output<Schema>): number;
  /** Looks and acts. Returns what it found, or throws when it could not look. */
  run(inputs: z.output<Schema>, context: StepContext): Promise<Finding>;
  /**
   * The dry run, shown by `pulumi preview`: changes nothing that stays, answers within seconds. Inputs not known
   * before `up` are absent. A thrown error stops the preview; lines are for the operator.
   */
  plan?(inputs: Partial<z.output<Schema>>, context: StepContext): Promise<string[]>;
  /** When the signal of `plan` aborts. @default 20 */
  planSeconds?(inputs: Partial<z.output<Schema>>): number;
  /** Takes back what the step left behind, when the step is deleted from the stack. */
  remove?(facts: Facts, context: StepContext): Promise<void>;
}

/** A definition with its types checked; the constant of every check file is called `step`. */
export function defineStep<Schema extends z.ZodObject>(
  definition: StepDefinition<Schema>,
): StepDefinition<Schema> {
  return definition;
}

/** A passed or failed observation from a comparison that was made. */
export function observe(id: string, passed: boolean, expected: string, observed: string): Observation {
  return { id, result: passed ? "passed" : "failed", expected, observed };
}

/** An observation that is good so far and can be judged at `due`. */
export function pending(id: string, due: Date, expected: string, observed: string): Observation {
  return { id, result: "inconclusive", expected, observed, pendingUntil: due.toISOString() };
}
