// The verdict of each mark from the samples that are there. Good so far and not over yet is pending; a hole in the samples, or a
// measure that could not be read, is inconclusive when the window is over: no data is never a pass.
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
  /** When the release was first watched: windows count from then. */
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

/** @param samples in the order of their times */
export function judgeMarks(given: Judged, samples: SampleSet[]): Verdicts {
  const verdicts: Verdicts = { observations: [], breaches: [] };
  for (const mark of given.marks) {
    const from = given.beganAt.getTime() + mark.fromMinutes * 60_000;
    const due = given.beganAt.getTime() + mark.minutes * 60_000;
    const inside = samples.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= due);
    for (const check of mark.checks) {
      const observation = judgeCheck(check, `${mark.name}-${check.name}`, inside, { from, due }, given);
      verdicts.observations.push(observation);
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
): Observation {
  const minutes = (window.due - window.from) / 60_000;
  const expected = `${renderBounds(check, given)} for ${renderMinutes(minutes)}`;
  const over = given.now.getTime() >= window.due;
  const names = [check.measure, ...(check.per === undefined ? [] : [check.per])];
  const complete = samples.filter(({ values }) => names.every((name) => values[name] !== undefined));
  const watched = renderMinutes(spanMinutes(complete));
  const seen = complete.length === 0 ? undefined : look(check, complete, given);
  const count = `${complete.length} samples over ${watched}`;

  // What no later sample can mend is a breach at once; other figures are of the whole window and judged at its end.
  if (seen && !seen.good && (over || isFinal(check, seen))) {
    const trigger = check.trigger ? `; ${check.trigger} rollback trigger` : "";
    return observe(id, false, expected, `${seen.observed}, ${count}${trigger}`);
  }
  if (!over) {
    const soFar = seen === undefined ? "no sample yet" : `${seen.observed}, ${count}`;
    return pending(id, new Date(window.due), expected, `${soFar}; the window is not over yet`);
  }
  const hole = holeOf(complete, samples, names, window, given);
  if (hole !== undefined || seen === undefined)
    return { id, result: "inconclusive", expected, observed: hole ?? "no sample" };
  return observe(id, true, expected, `${seen.observed}, ${count}`);
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
  if (errors.length > errorLimit && first) {
    const why = names.map((name) => first.errors[name]).find((error) => error !== undefined);
    return `${errors.length} samples could not be read, want at most ${errorLimit}; first at ${first.at}: ${why}`;
  }
  const times = [from, ...complete.map(({ at }) => Date.parse(at)), due];
  for (const [index, at] of times.slice(1).entries()) {
    const before = times[index] ?? from;
    if ((at - before) / 1000 > maximumGapSeconds)
      return `no data for ${renderMinutes((at - before) / 60_000)} from ${timeOf(before)}, want none longer than ${maximumGapSeconds} s`;
  }
  return undefined;
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
