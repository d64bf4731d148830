// What the measures said over time.
import type { Reading } from "../measures/measure.ts";
import type { Point } from "./statistics.ts";

/** All measures at one moment. */
export interface SampleSet {
  /** RFC 3339 UTC. */
  at: string;
  values: { [measure: string]: Reading };
  errors: { [measure: string]: string };
}

/** The readings of one measure. */
export function pointsOf(samples: SampleSet[], name: string): Point<Reading>[] {
  return samples.flatMap(({ at, values }) => {
    const value = values[name];
    return value === undefined ? [] : [{ at: Date.parse(at), value }];
  });
}

export function spanMinutes(samples: SampleSet[]): number {
  const first = samples.at(0);
  const last = samples.at(-1);
  return first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 60_000 : 0;
}
