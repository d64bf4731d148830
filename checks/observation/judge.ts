// The verdict of each mark from the samples that are there. Good so far and not over yet is pending; a hole in the samples, or a
// measure that could not be read, is inconclusive when the window is over: no data is never a pass. That such a window can prove
// nothing any more is told as soon as it is known, so that the release can be watched anew.
import { type Observation, observe, pending } from "../step/definition.ts";
import { renderBounds, type Standard } from "./bounds.ts";
import type { Mark, ObservationCheck } from "./definition.ts";
import { isFinal, look } from "./look.ts";
import { type SampleSet, spanMinutes } from "./samples.ts";
import { holeOf, nothingIn, renderMinutes, type Tolerance, type Window } from "./window.ts";

/** What is judged, and by what. */
export interface Judged extends Standard, Tolerance {
  marks: Mark[];
  /** When the watch began: windows count from then. */
  beganAt: Date;
  now: Date;
}

/** A breach that somebody has to act on. */
export interface Breach {
  observation: string;
  trigger: "immediate" | "conditional";
  observed: string;
}

export interface Verdicts {
  observations: Observation[];
  breaches: Breach[];
}

/** Why a window has too little data already, over or not. */
export interface Hole {
  observed: string;
  /** Measures that it needs data of. */
  measures: string[];
}

/** Verdicts, and holes by observation. */
export interface Judgement extends Verdicts {
  holes: Map<string, Hole>;
}

/** @param samples in the order of their times */
export function judgeMarks(given: Judged, samples: SampleSet[]): Judgement {
  const verdicts: Judgement = { observations: [], breaches: [], holes: new Map() };
  for (const mark of given.marks) {
    const from = given.beganAt.getTime() + mark.fromMinutes * 60_000;
    const due = given.beganAt.getTime() + mark.minutes * 60_000;
    const inside = samples.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= due);
    for (const check of mark.checks) {
      const id = `${mark.name}-${check.name}`;
      const { observation, hole } = judgeCheck(check, id, inside, { from, due }, given);
      verdicts.observations.push(observation);
      if (hole !== undefined) verdicts.holes.set(id, { observed: hole, measures: measuresOf(check) });
      if (observation.result === "failed" && check.trigger)
        verdicts.breaches.push({
          observation: observation.id,
          trigger: check.trigger,
          observed: observation.observed,
        });
    }
  }
  return verdicts;
}

function judgeCheck(
  check: ObservationCheck,
  id: string,
  samples: SampleSet[],
  window: Window,
  given: Judged,
): { observation: Observation; hole: string | undefined } {
  const minutes = (window.due - window.from) / 60_000;
  const expected = `${renderBounds(check, given)} for ${renderMinutes(minutes)}`;
  const over = given.now.getTime() >= window.due;
  const names = measuresOf(check);
  const complete = samples.filter(({ values }) => names.every((name) => values[name] !== undefined));
  const watched = renderMinutes(spanMinutes(complete));
  const seen = complete.length === 0 ? undefined : look(check, complete, given);
  const count = `${complete.length} samples over ${watched}`;
  const soFar = { from: window.from, due: Math.min(window.due, given.now.getTime()) };
  const missing =
    holeOf(complete, samples, names, soFar, given) ??
    (over && seen === undefined ? nothingIn(samples, names) : undefined);
  const besides = seen === undefined ? "" : `; besides ${seen.observed}, ${count}`;
  // What was bad before a hole stays told where the release is watched anew.
  const hole = missing !== undefined && seen?.good === false ? `${missing}${besides}` : missing;

  // What no later sample can mend is a breach at once; other figures are of the whole window, judged at its end and without a hole:
  // two seconds say nothing of how much was done in two hours.
  if (seen && !seen.good && (isFinal(check, seen) || (over && missing === undefined))) {
    const trigger = check.trigger ? `; ${check.trigger} rollback trigger` : "";
    return { observation: observe(id, false, expected, `${seen.observed}, ${count}${trigger}`), hole };
  }
  if (!over) {
    const told = seen === undefined ? "no sample yet" : `${seen.observed}, ${count}`;
    const due = new Date(window.due);
    return { observation: pending(id, due, expected, `${told}; the window is not over yet`), hole };
  }
  if (missing !== undefined || seen === undefined) {
    const observed = `${missing ?? "no sample"}${besides}`;
    return { observation: { id, result: "inconclusive", expected, observed }, hole };
  }
  return { observation: observe(id, true, expected, `${seen.observed}, ${count}`), hole };
}

function measuresOf({ measure, per }: ObservationCheck): string[] {
  return per === undefined ? [measure] : [measure, per];
}
