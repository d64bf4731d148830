// The steps of one deployment, each after the one before it, so that a failure stops all that follow.
import type * as pulumi from "@pulumi/pulumi";
import type { Outcome } from "./outcome.ts";
import type { Step, StepOptions } from "./resource.ts";

/** What a step's class takes. */
type StepClass<Args> = new (name: string, args: Args, options: pulumi.CustomResourceOptions) => Step;

/** A check and its inputs; the one named `reasonAs` is filled with why the step failed, `outcomeAs` with how it ended. */
export interface OnFailure {
  kind: string;
  inputs: pulumi.Inputs;
  reasonAs?: string;
  outcomeAs?: string;
}

/** Steps by name, in the order in which they were added. */
export class Sequence {
  readonly steps: { [name: string]: Step } = {};
  #before: pulumi.Resource[] = [];
  readonly #onFailure = new Map<string, OnFailure>();

  /** What all further steps wait for, through the first of them. */
  waitFor(resources: pulumi.Resource[]): void {
    this.#before = resources;
  }

  /** Adds the next step. */
  add<Args>(Kind: StepClass<Args>, name: string, args: Args): void {
    const dependsOn = [...this.#before, ...Object.values(this.steps).slice(-1)];
    const onFailure = [...this.#onFailure.values()];
    const guarded = onFailure.length === 0 ? args : { ...args, onFailure };
    this.steps[name] = new Kind(name, guarded, { dependsOn });
    // The next step waits for this one, and so for all that this one waited for.
    this.#before = [];
  }

  /**
   * From now on a step that fails runs this check before the update ends. The failing step does it itself, since nothing that
   * comes after it is run.
   */
  onFailure(check: OnFailure): void {
    this.#onFailure.set(check.kind, check);
  }

  /** Ends {@link onFailure} for the check of this kind. */
  noLongerOnFailure(kind: string): void {
    this.#onFailure.delete(kind);
  }

  /** When those of the named steps that the stack has ran last, for steps that judge what they did. */
  times(names: string[]): pulumi.Output<string>[] {
    return names.flatMap((name) => this.steps[name]?.finishedAt ?? []);
  }

  /** What each step so far observed, for a record. */
  get outcomes(): { [name: string]: Step["outcome"] } {
    return Object.fromEntries(Object.entries(this.steps).map(([name, step]) => [name, step.outcome]));
  }

  /** What each step proved, in a line, e.g. `passed: 12 of 12 observations`. */
  get proven(): { [name: string]: pulumi.Output<string> } {
    return Object.fromEntries(
      Object.entries(this.steps).map(([name, step]) => [name, step.outcome.apply(summary)]),
    );
  }
}

function summary({ result, observations }: Pick<Outcome, "result" | "observations">): string {
  const count = (wanted: string) => observations.filter((one) => one.result === wanted).length;
  const without = count("notApplicable");
  const judged = observations.length - without;
  return `${result}: ${count("passed")} of ${judged} observations${without > 0 ? `, ${without} not applicable` : ""}`;
}

/** What the settings of a step say about it as a step, apart from what it checks. */
export function stepOptions({ deadlineSeconds, enforcement, waivers }: StepOptions): StepOptions {
  return { deadlineSeconds, enforcement, waivers };
}
