// The time that a mark looks at, and what is missing of it: no data is never a pass.
import type { SampleSet } from "./samples.ts";

/** Milliseconds since 1970. */
export interface Window {
  from: number;
  due: number;
}

/** How much may be missing. */
export interface Tolerance {
  maximumGapSeconds: number;
  errorLimit: number;
}

/** Why the samples say too little about the window. */
export function holeOf(
  complete: SampleSet[],
  all: SampleSet[],
  names: string[],
  { from, due }: Window,
  { maximumGapSeconds, errorLimit }: Tolerance,
): string | undefined {
  const errors = all.filter(({ errors }) => names.some((name) => errors[name] !== undefined));
  const [first] = errors;
  if (errors.length > errorLimit && first)
    return `${errors.length} samples could not be read, want at most ${errorLimit}; first at ${errorOf(first, names)}`;
  const times = [from, ...complete.map(({ at }) => Date.parse(at)), due];
  for (const [index, at] of times.slice(1).entries()) {
    const before = times[index] ?? from;
    if ((at - before) / 1000 > maximumGapSeconds)
      return `no data for ${renderMinutes((at - before) / 60_000)} from ${timeOf(before)}, want none longer than ${maximumGapSeconds} s`;
  }
  return undefined;
}

export function nothingIn(samples: SampleSet[], names: string[]): string {
  const unread = samples.find(({ errors }) => names.some((name) => errors[name] !== undefined));
  return unread ? `no sample that could be read; first at ${errorOf(unread, names)}` : "no sample";
}

function errorOf({ at, errors }: SampleSet, names: string[]): string {
  return `${at}: ${names.map((name) => errors[name]).find((error) => error !== undefined)}`;
}

/** E.g. `3 s`, `15 min`, `24 h`. */
export function renderMinutes(minutes: number): string {
  if (minutes < 2) return `${Number((minutes * 60).toFixed(1))} s`;
  return minutes < 120 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`;
}

export function timeOf(at: number): string {
  return new Date(at).toISOString();
}
