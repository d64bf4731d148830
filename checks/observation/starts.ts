// A release whose watch had a hole can be watched anew: its windows then count from a later time, and say so. What an earlier start
// settled stays settled, a breach above all; only what can prove nothing any more is taken from a later one.
import type { Observation } from "../step/definition.ts";
import { type Judged, type Judgement, judgeMarks } from "./judge.ts";
import type { SampleSet } from "./samples.ts";

/** A beginning of the watch of a release. */
export interface Start {
  at: Date;
  /** What the watch before it could not prove, and why; empty for the first. */
  why: string;
}

export type Starts = [Start, ...Start[]];

/** Verdicts of all starts together; `needed` are the starts that they come from or may come from yet. */
export interface JudgedStarts extends Judgement {
  needed: Starts;
}

/**
 * Judges each observation by the first start that settled it or still can, else by the last.
 * @param samples in the order of their times
 */
export function judgeStarts(
  given: Omit<Judged, "beganAt">,
  starts: Starts,
  samples: SampleSet[],
): JudgedStarts {
  const judged = starts.map(({ at }) => judgeMarks({ ...given, beganAt: at }, samples));
  const ids = judged[0]?.observations.map(({ id }) => id) ?? [];
  const used = ids.map((_, index) => {
    const settled = judged.findIndex((one) => !isLost(one, index));
    return settled < 0 ? starts.length - 1 : settled;
  });
  const [first, ...anew] = starts;
  const later = anew.filter((_, at) => used.some((one, index) => one > at && mayTell(judged[at + 1], index)));
  const chosen: JudgedStarts = {
    observations: [],
    breaches: [],
    holes: new Map(),
    needed: [first, ...later],
  };
  for (const [index, id] of ids.entries()) {
    const start = used[index] ?? 0;
    const from = judged[start];
    const observation = from?.observations[index];
    if (from === undefined || observation === undefined) continue;
    const before = judged[start - 1]?.holes.get(id)?.observed;
    const since = starts[start]?.at;
    chosen.observations.push(before && since ? watchedAnew(observation, since, before) : observation);
    chosen.breaches.push(...from.breaches.filter((breach) => breach.observation === id));
    const hole = from.holes.get(id);
    if (hole !== undefined && isLost(from, index)) chosen.holes.set(id, hole);
  }
  return chosen;
}

/** Whether an observation has no verdict from a start, and will not have one but for a breach. */
function isLost({ observations, holes }: Judgement, index: number): boolean {
  const observation = observations[index];
  return observation?.result === "inconclusive" && holes.has(observation.id);
}

/** A window with a hole that is not over yet may still end in a breach. */
function mayTell(judged: Judgement | undefined, index: number): boolean {
  const observation = judged?.observations[index];
  return observation?.result !== "inconclusive" || observation.pendingUntil !== undefined;
}

function watchedAnew(observation: Observation, since: Date, before: string): Observation {
  const told = `watched anew since ${since.toISOString()}, as before there was ${before}`;
  return { ...observation, observed: `${observation.observed}; ${told}` };
}
