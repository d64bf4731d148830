// What the samples of a check show so far, and whether that is good.
import { largest, smallest } from "../measures/extremes.ts";
import { boundsOf, type Standard, unitOf, withUnit } from "./bounds.ts";
import type { ObservationCheck } from "./definition.ts";
import { pointsOf, type SampleSet } from "./samples.ts";
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
import { timeOf } from "./window.ts";

export interface Seen {
  good: boolean;
  /** Out of bounds upwards. */
  above: boolean;
  observed: string;
}

/** Undefined when the samples hold nothing to judge yet, e.g. one reading of a counter. */
export function look(check: ObservationCheck, samples: SampleSet[], given: Standard): Seen | undefined {
  const unit = unitOf(check, given);
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

/** Whether later samples cannot mend a breach. */
export function isFinal(check: ObservationCheck, { above }: Seen): boolean {
  if (check.statistic === "each") return true;
  if (check.statistic === "minimum") return !above;
  return (
    above && (check.statistic === "maximum" || (check.statistic === "increase" && check.per === undefined))
  );
}
