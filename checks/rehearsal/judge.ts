// What a rehearsal proved. A level that was not reached is inconclusive, never good.
import type { RehearsalInputs } from "../rehearsal.ts";
import { type Observation, observe } from "../step/definition.ts";
import { dataFaults, schemaFaults } from "./state.ts";
import type { Walk } from "./walk.ts";

/** By observation: what is wanted. */
export const LEVELS = {
  isolated: "no pending statement reaches beyond its database",
  up: "all pending files run on production's data",
  reversible: "every pending file is taken back by its down file",
  "schema-restored": "objects and privileges after the way down as before the way up",
  "data-restored": "rows after the way down as before the way up, by digest",
  again: "the files run once more, with the same objects and counts of rows",
  duration: "the pending files take no longer than is allowed",
};
type Level = keyof typeof LEVELS;

// Differences that are shown; more would only bury the first ones.
const MOST_SHOWN = 5;

export function judgeWalk(walked: Walk, given: RehearsalInputs): Observation[] {
  const order: [Level, (walked: Walk, given: RehearsalInputs) => Observation | undefined][] = [
    ["isolated", judgeIsolated],
    ["up", judgeUp],
    ["reversible", judgeReversible],
    ["schema-restored", judgeSchema],
    ["data-restored", judgeData],
    ["again", judgeAgain],
    ["duration", judgeDuration],
  ];
  const idle = walked.first?.applied.length === 0 && !walked.first.failure;
  const found: Observation[] = [];
  for (const [id, judge] of order) {
    const failed = found.find(({ result }) => result === "failed");
    const seen = judge(walked, given);
    if (seen) found.push(seen);
    else if (idle) found.push(other(id, "notApplicable", "nothing is pending"));
    else if (failed) found.push(other(id, "inconclusive", `not looked at: ${failed.id} failed`));
    else found.push(other(id, "notApplicable", `${walked.oneWay?.join("; ")}, and down is optional`));
  }
  return found;
}

function other(id: Level, result: "notApplicable" | "inconclusive", observed: string): Observation {
  return { id, result, expected: LEVELS[id], observed };
}

function judgeIsolated({ beyond, pending }: Walk, given: RehearsalInputs): Observation {
  if (beyond.length === 0)
    return observe("isolated", true, LEVELS.isolated, `none in ${pending.length} pending files`);
  const advice = "rehearse on another server, or set beyondDatabase to allow";
  return observe(
    "isolated",
    given.beyondDatabase === "allow",
    LEVELS.isolated,
    given.beyondDatabase === "allow" ? `allowed: ${shown(beyond)}` : `${shown(beyond)}; ${advice}`,
  );
}

function judgeUp({ first, pending }: Walk): Observation | undefined {
  if (!first) return undefined;
  const { applied, failure } = first;
  const seen = failure
    ? `${applied.length} run; ${failure.message}`
    : `${applied.length} files run, at ${first.after ?? "no migration"}`;
  return observe("up", !failure, `all ${pending.length} pending files run on production's data`, seen);
}

function judgeReversible({ down, oneWay, first }: Walk, given: RehearsalInputs): Observation | undefined {
  if (first?.failure || oneWay === undefined) return undefined;
  if (oneWay.length > 0)
    return given.down === "optional"
      ? undefined
      : observe("reversible", false, LEVELS.reversible, shown(oneWay));
  if (!down) return other("reversible", "notApplicable", "only repeatable files ran, which have no way back");
  const seen = down.failure?.message ?? `${down.reverted.length} taken back`;
  return observe("reversible", !down.failure, LEVELS.reversible, seen);
}

function judgeSchema({ before, afterDown, first }: Walk): Observation | undefined {
  if (!afterDown) return undefined;
  const repeatable = first?.applied.some(({ version }) => version.startsWith("R_")) ?? false;
  const faults = schemaFaults(before, afterDown, repeatable);
  const counted = Object.values(before.objects).reduce((sum, objects) => sum + objects.size, 0);
  const left = repeatable ? "; views, functions and privileges left out, since repeatable files ran" : "";
  const seen = faults.length === 0 ? `${counted} objects equal${left}` : shown(faults);
  return observe("schema-restored", faults.length === 0, LEVELS["schema-restored"], seen);
}

function judgeData({ before, afterDown }: Walk): Observation | undefined {
  if (!afterDown) return undefined;
  const faults = dataFaults(before, afterDown);
  const tables = Object.values(before.content);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const seen = faults.length === 0 ? `${tables.length} tables with ${rows} rows equal` : shown(faults);
  return observe("data-restored", faults.length === 0, LEVELS["data-restored"], seen);
}

/** Values may differ between two runs, e.g. times of insertion; counts and objects may not. */
function judgeAgain({ second, afterUp, afterAgain }: Walk): Observation | undefined {
  if (!second || !afterUp) return undefined;
  if (!afterAgain) return observe("again", false, LEVELS.again, second.failure?.message ?? "not finished");
  const counts = Object.entries(afterUp.content).flatMap(([table, { rows }]) => {
    const seen = afterAgain.content[table]?.rows ?? 0;
    return seen === rows ? [] : [`${table}: ${seen} rows, want ${rows}`];
  });
  const faults = [...schemaFaults(afterUp, afterAgain, false), ...counts];
  const seen = faults.length === 0 ? `${second.applied.length} files, all the same` : shown(faults);
  return observe("again", faults.length === 0, LEVELS.again, seen);
}

function judgeDuration({ upSeconds, first }: Walk, given: RehearsalInputs): Observation | undefined {
  if (upSeconds === undefined || !first || first.failure || first.applied.length === 0) return undefined;
  const seen = `${upSeconds.toFixed(1)} s for ${first.applied.length} files`;
  if (given.maximumSeconds === undefined)
    return other("duration", "notApplicable", `${seen}; no limit is set`);
  return observe(
    "duration",
    upSeconds <= given.maximumSeconds,
    `at most ${given.maximumSeconds} s on the copy`,
    seen,
  );
}

function shown(faults: string[]): string {
  const more = faults.length > MOST_SHOWN ? `; and ${faults.length - MOST_SHOWN} more` : "";
  return `${faults.slice(0, MOST_SHOWN).join("; ")}${more}`;
}
