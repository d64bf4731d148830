// Which reasons to go back came true in what steps observed, with the figures, and what a person can do then. Pure.
import { type Observed, type Trigger, whatFailed } from "./judge.ts";

/** A step as it ended; `facts.breaches` are those of the observation step. */
export interface SeenStep extends Observed {
  name: string;
  facts: { [name: string]: unknown };
}

/** A reason to go back that came true. */
export interface Fired {
  name: string;
  kind: Trigger["kind"];
  /** What was seen and wanted, e.g. `rows#seed: 3 rows, want 5 rows`. */
  figures: string[];
}

/**
 * The triggers of the settings that one of these steps fires, and the breaches of an observation that are marked as triggers.
 * What could not be seen fires nothing: nobody goes back for want of data.
 */
export function firedTriggers(triggers: Trigger[], steps: SeenStep[]): Fired[] {
  const named = Object.fromEntries(steps.map((step) => [step.name, step]));
  const settled = triggers.flatMap(({ name, kind, when }): Fired[] => {
    const seen = when.flatMap((what) => whatFailed(what, named));
    // The step that looks at all triggers at the end says so where the step concerned is advisory.
    const failed = seen.length > 0 ? seen : whatFailed(`triggers#${name}`, named);
    const figures = failed.map((one) => figureOf(one, named));
    return figures.length === 0 ? [] : [{ name, kind, figures: [...new Set(figures)] }];
  });
  return [...settled, ...steps.flatMap(breachesOf)];
}

/**
 * What an operator reads: the figures, and the command or, where a person decides, the question and both commands.
 * @param folder what follows the commands to find the project, e.g. ` -C examples/orders`. @default it is run in the project's folder
 */
export function decisionLine({ name, kind, figures }: Fired, stack: string, folder = ""): string {
  const back = `npx greenlight rollback -s ${stack}${folder}`;
  const told = `${kind} rollback trigger "${name}" came true: ${figures.join("; ")}`;
  return kind === "immediate"
    ? `${told}. Go back now: ${back}`
    : `${told}. Go back or stay? To go back: ${back}. To stay: mend the cause, then npx greenlight up -s ${stack}${folder}`;
}

function figureOf(failed: string, steps: { [name: string]: SeenStep }): string {
  const [step = "", id] = failed.split("#");
  const seen = steps[step]?.observations.find((o) => o.id === id);
  return seen ? `${failed}: ${seen.observed}, want ${seen.expected}` : `${failed} failed`;
}

function breachesOf({ name, facts: { breaches }, observations }: SeenStep): Fired[] {
  if (!Array.isArray(breaches)) return [];
  return breaches.flatMap((breach: unknown): Fired[] => {
    if (breach === null || typeof breach !== "object") return [];
    const { observation, trigger } = breach as { [key: string]: unknown };
    if (typeof observation !== "string" || (trigger !== "immediate" && trigger !== "conditional")) return [];
    const seen = observations.find(({ id }) => id === observation);
    const figure = seen
      ? `${seen.observed.replace(/; \w+ rollback trigger$/, "")}, want ${seen.expected}`
      : "out of bounds";
    return [{ name: observation, kind: trigger, figures: [`${name}#${observation}: ${figure}`] }];
  });
}
