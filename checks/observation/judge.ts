// The verdict of each mark from the samples that are there. Good so far and not over yet is pending; a hole in the samples, or a
// measure that could not be read, is inconclusive when the window is over: no data is never a pass. That such a window can prove
// nothing any more is told as soon as it is known, so that the release can be watched anew.
import { largest, smallest } from "../measures/extremes.ts";
import type { Measure, Reading } from "../measures/measure.ts";
import { type Observation, observe, pending } from "../step/definition.ts";
import type { Mark, ObservationCheck } from "./definition.ts";
import {
  bucketIncrease,
  bucketPercentile,
  figure,
  histograms,
  increase,
  numbers,
  type Point,
  shares,
} from "./statistics.ts";

/** All measures at one moment. */
export interface SampleSet {
  /** RFC 3339 UTC. */
  at: string;
  values: { [measure: string]: Reading };
  errors: { [measure: string]: string };
}

export interface Judged {
  measures: { [name: string]: Measure };
  marks: Mark[];
  maximumGapSeconds: number;
  errorLimit: number;
  /** When the watch began: windows count from then. */
  beganAt: Date;
  /** Figures from before the release, by measure. */
  baseline: { [measure: string]: Reading };
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

interface Window {
  from: number;
  due: number;
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

/** Whether later samples cannot mend a breach. */
function isFinal(check: ObservationCheck, { above }: Seen): boolean {
  if (check.statistic === "each") return true;
  if (check.statistic === "minimum") return !above;
  return (
    above && (check.statistic === "maximum" || (check.statistic === "increase" && check.per === undefined))
  );
}

interface Seen {
  good: boolean;
  /** Out of bounds upwards. */
  above: boolean;
  observed: string;
}

/** Undefined when the samples hold nothing to judge yet, e.g. one reading of a counter. */
function look(check: ObservationCheck, samples: SampleSet[], given: Judged): Seen | undefined {
  const unit = check.per === undefined ? (given.measures[check.measure]?.unit ?? "") : "%";
  const limit = boundsOf(check, given);
  // A baseline is wanted and there is none: nothing is known of how it was before.
  if (limit === undefined) return undefined;
  const good = (value: number) => value >= limit.minimum && value <= limit.maximum;
  const told = (value: number, words: string): Seen => ({
    good: good(value),
    above: value > limit.maximum,
    observed: words,
  });
  const series = pointsOf(samples, check.measure);
  const buckets = histograms(series);
  if (buckets.length > 0) {
    const percent = /^p\d+$/.test(check.statistic) ? Number(check.statistic.slice(1)) : 95;
    const grown = bucketIncrease(buckets);
    const value = bucketPercentile(grown, percent);
    if (value === undefined) return undefined;
    const words = `percentile ${percent} at most ${withUnit(value, unit)} of ${grown["+Inf"]}`;
    return told(value, words);
  }
  const points = numbers(series);
  if (check.per !== undefined) {
    const whole = numbers(pointsOf(samples, check.per));
    if (check.statistic === "each") return each(check, shares(points, whole), good, unit);
    const total = increase(whole);
    if (total === 0) return undefined;
    const part = increase(points);
    const value = (100 * part) / total;
    return told(value, `${withUnit(value, unit)} (${part} of ${total})`);
  }
  if (check.statistic === "each") return each(check, points, good, unit);
  if ((check.statistic === "increase" || check.statistic === "perHour") && points.length < 2)
    return undefined;
  const value = figure(points, check.statistic);
  const per = check.statistic === "perHour" ? `${unit}/h` : unit;
  return told(value, `${check.statistic} ${withUnit(value, per.trim())}`);
}

function each(
  check: ObservationCheck,
  points: Point[],
  good: (value: number) => boolean,
  unit: string,
): Seen | undefined {
  if (points.length === 0) return undefined;
  const values = points.map(({ value }) => value);
  const bad = points.filter(({ value }) => !good(value));
  const [first] = bad;
  const range = `${withUnit(smallest(values), unit)} to ${withUnit(largest(values), unit)}`;
  const where = first
    ? `; ${bad.length} out of bounds, the first ${withUnit(first.value, unit)} at ${timeOf(first.at)}`
    : "";
  return { good: bad.length <= check.failureLimit, above: false, observed: `${range}${where}` };
}

/** Why the samples say too little about the window. */
function holeOf(
  complete: SampleSet[],
  all: SampleSet[],
  names: string[],
  { from, due }: Window,
  { maximumGapSeconds, errorLimit }: Judged,
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

function nothingIn(samples: SampleSet[], names: string[]): string {
  const unread = samples.find(({ errors }) => names.some((name) => errors[name] !== undefined));
  return unread ? `no sample that could be read; first at ${errorOf(unread, names)}` : "no sample";
}

function errorOf({ at, errors }: SampleSet, names: string[]): string {
  return `${at}: ${names.map((name) => errors[name]).find((error) => error !== undefined)}`;
}

export function boundsOf(
  check: ObservationCheck,
  given: Judged,
): { minimum: number; maximum: number } | undefined {
  const minimum = check.minimum ?? Number.NEGATIVE_INFINITY;
  const maximum = check.maximum ?? Number.POSITIVE_INFINITY;
  if (check.maximumBaselineRatio === undefined) return { minimum, maximum };
  const before = baselineOf(check, given);
  if (before === undefined) return check.maximum === undefined ? undefined : { minimum, maximum };
  return { minimum, maximum: Math.min(maximum, before * check.maximumBaselineRatio) };
}

/** The figure before the release: a gauge as it was, counters and histograms since their process began. */
function baselineOf(check: ObservationCheck, { baseline }: Judged): number | undefined {
  const before = baseline[check.measure];
  if (before === undefined) return undefined;
  if (typeof before !== "number")
    return bucketPercentile(before, Number(check.statistic.replace(/^\D+/, "")) || 95);
  if (check.per === undefined) return before;
  const whole = baseline[check.per];
  return typeof whole === "number" && whole > 0 ? (100 * before) / whole : undefined;
}

function renderBounds(check: ObservationCheck, given: Judged): string {
  const unit = check.per === undefined ? (given.measures[check.measure]?.unit ?? "") : "%";
  const before = check.maximumBaselineRatio === undefined ? undefined : baselineOf(check, given);
  const words = [
    ...(check.minimum === undefined ? [] : [`at least ${withUnit(check.minimum, unit)}`]),
    ...(check.maximum === undefined ? [] : [`at most ${withUnit(check.maximum, unit)}`]),
    ...(check.maximumBaselineRatio === undefined
      ? []
      : [
          `at most ${check.maximumBaselineRatio} times the baseline of ${before === undefined ? "before the release, which there is not" : withUnit(before, unit)}`,
        ]),
  ];
  const what = check.per === undefined ? check.measure : `${check.measure} per ${check.per}`;
  const how = check.statistic === "each" ? "" : ` (${check.statistic})`;
  return `${what}${how} ${words.join(" and ") || "recorded"}`;
}

/** The readings of one measure. */
export function pointsOf(samples: SampleSet[], name: string): Point<Reading>[] {
  return samples.flatMap(({ at, values }) => {
    const value = values[name];
    return value === undefined ? [] : [{ at: Date.parse(at), value }];
  });
}

function spanMinutes(samples: SampleSet[]): number {
  const first = samples.at(0);
  const last = samples.at(-1);
  return first && last ? (Date.parse(last.at) - Date.parse(first.at)) / 60_000 : 0;
}

/** E.g. `3 s`, `15 min`, `24 h`. */
export function renderMinutes(minutes: number): string {
  if (minutes < 2) return `${Number((minutes * 60).toFixed(1))} s`;
  return minutes < 120 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`;
}

function withUnit(value: number, unit: string): string {
  const shown = Number.isFinite(value)
    ? String(Number(value.toPrecision(4)))
    : value > 0
      ? "more than any bucket"
      : "-";
  return unit === "" ? shown : `${shown} ${unit}`;
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
