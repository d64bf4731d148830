// Whether a trigger is armed, and whether it fired. Pure.
import { type Observation, observe } from "../step/definition.ts";

export interface Trigger {
  name: string;
  kind: "immediate" | "conditional";
  /** STEP or STEP#OBSERVATION. */
  when: string[];
}

/** What is judged of a step. */
export interface Observed {
  result: string;
  observations: { id: string; result: string; expected: string; observed: string }[];
}

type Outcomes = {
  [step: string]: { result: string; observations: Pick<Observed["observations"][number], "id" | "result">[] };
};

/**
 * Passed when everything that the trigger looks at was observed and nothing of it failed.
 * @param rollback whether this deployment goes back: it takes no baseline and rehearses nothing, so what rests on them is not there
 */
export function judgeTrigger({ name, kind, when }: Trigger, steps: Outcomes, rollback = false): Observation {
  const looked = when.map((what) => ({ what, ...look(what, steps) }));
  const expected = `armed (${kind}) on ${when.join(", ")}, and not fired`;
  const fired = looked.filter(({ failed }) => failed.length > 0);
  if (fired.length > 0)
    return observe(
      name,
      false,
      expected,
      `fired: ${fired.flatMap(({ failed }) => failed).join(", ")} failed`,
    );
  const absent = looked.filter(({ there }) => rollback && !there).map(({ what }) => what);
  if (absent.length === looked.length)
    return {
      ...{ id: name, result: "notApplicable", expected },
      observed: `a rollback does not look at ${absent.join(", ")}`,
    };
  const blind = looked
    .filter(({ what, count }) => count === 0 && !absent.includes(what))
    .map(({ what }) => what);
  if (blind.length > 0)
    return { id: name, result: "inconclusive", expected, observed: `${blind.join(", ")} observed nothing` };
  const count = looked.reduce((sum, one) => sum + one.count, 0);
  return observe(name, true, expected, `${count} observations, none failed`);
}

/** Names of what failed, and how much there was to look at. */
function look(what: string, steps: Outcomes): { failed: string[]; count: number; there: boolean } {
  const [step = "", id] = what.split("#");
  const observations = (steps[step]?.observations ?? []).filter((o) => id === undefined || o.id === id);
  const seen = observations.filter(({ result }) => result === "passed" || result === "failed");
  const there = observations.some(({ result }) => result !== "notApplicable");
  return { failed: whatFailed(what, steps), count: seen.length, there };
}

/** Names of what failed of a STEP or STEP#OBSERVATION. */
export function whatFailed(what: string, steps: Outcomes): string[] {
  const [step = "", id] = what.split("#");
  const failed = (steps[step]?.observations ?? [])
    .filter((o) => o.result === "failed" && (id === undefined || o.id === id))
    .map((o) => `${step}#${o.id}`);
  // A step that could not look at all has failed without an observation.
  return failed.length === 0 && id === undefined && steps[step]?.result === "failed" ? [step] : failed;
}
