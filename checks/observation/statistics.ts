// Figures of a series of samples: what a counter grew by, percentiles of a histogram's growth, slope, and the like.
import { largest, smallest } from "../measures/extremes.ts";
import type { Buckets, Reading } from "../measures/measure.ts";
import { percentile } from "../percentile.ts";

export interface Point<Value = number> {
  /** Milliseconds since 1970. */
  at: number;
  value: Value;
}

/** The numbers among readings. */
export function numbers(points: Point<Reading>[]): Point[] {
  return points.flatMap(({ at, value }) => (typeof value === "number" ? [{ at, value }] : []));
}

/** The histograms among readings. */
export function histograms(points: Point<Reading>[]): Point<Buckets>[] {
  return points.flatMap(({ at, value }) => (typeof value === "number" ? [] : [{ at, value }]));
}

/** What a counter grew by; a fall is a restart, after which it began at zero. */
export function increase(points: Point[]): number {
  return steps(points).reduce((sum, { value }) => sum + value, 0);
}

/** The growth from each sample to the next. */
export function steps(points: Point[]): Point[] {
  return points.slice(1).map(({ at, value }, index) => {
    const before = points[index]?.value ?? 0;
    return { at, value: value >= before ? value - before : value };
  });
}

/** Growth of one counter in percent of another's, sample by sample; where the other did not grow there is no value. */
export function shares(points: Point[], of: Point[]): Point[] {
  const whole = new Map(steps(of).map(({ at, value }) => [at, value]));
  return steps(points).flatMap(({ at, value }) => {
    const total = whole.get(at) ?? 0;
    return total > 0 ? [{ at, value: (100 * value) / total }] : [];
  });
}

/** The growth of a histogram; where one bucket fell, all of them began at zero. */
export function bucketIncrease(points: Point<Buckets>[]): Buckets {
  const bounds = [...new Set(points.flatMap(({ value }) => Object.keys(value)))];
  const grown = new Map(bounds.map((upTo) => [upTo, 0]));
  for (const [index, { value }] of points.slice(1).entries()) {
    const before = points[index]?.value ?? {};
    const isAnew = bounds.some((upTo) => (value[upTo] ?? 0) < (before[upTo] ?? 0));
    for (const upTo of bounds)
      grown.set(upTo, (grown.get(upTo) ?? 0) + (value[upTo] ?? 0) - (isAnew ? 0 : (before[upTo] ?? 0)));
  }
  return Object.fromEntries(grown);
}

/**
 * The upper bound of the bucket that holds the percentile: the true value is not above it.
 * @returns undefined when nothing was counted
 */
export function bucketPercentile(buckets: Buckets, percent: number): number | undefined {
  const total = buckets["+Inf"] ?? 0;
  if (total <= 0) return undefined;
  const rank = Math.max(1, Math.ceil((percent / 100) * total));
  const bounds = Object.entries(buckets)
    .map(([upTo, count]) => ({ upTo: upTo === "+Inf" ? Number.POSITIVE_INFINITY : Number(upTo), count }))
    .sort((a, b) => a.upTo - b.upTo);
  return bounds.find(({ count }) => count >= rank)?.upTo;
}

/** Least squares, per hour; 0 for less than two moments. */
export function slopePerHour(points: Point[]): number {
  // From the first sample on: times since 1970 are so large that their squares lose the digits that matter.
  const first = points[0]?.at ?? 0;
  const hours = points.map(({ at }) => (at - first) / 3_600_000);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(hours);
  const level = mean(points.map(({ value }) => value));
  const spread = hours.reduce((sum, hour) => sum + (hour - middle) ** 2, 0);
  if (spread === 0) return 0;
  const together = points.reduce(
    (sum, { value }, index) => sum + ((hours[index] ?? middle) - middle) * (value - level),
    0,
  );
  return Number((together / spread).toPrecision(12));
}

/** One figure for all samples, of which there must be one. */
export function figure(
  points: Point[],
  statistic: "last" | "mean" | "maximum" | "minimum" | "p50" | "p95" | "p99" | "increase" | "perHour",
): number {
  const values = points.map(({ value }) => value);
  switch (statistic) {
    case "last":
      return values.at(-1) ?? Number.NaN;
    case "mean":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "maximum":
      return largest(values);
    case "minimum":
      return smallest(values);
    case "increase":
      return increase(points);
    case "perHour":
      return slopePerHour(points);
    default:
      return percentile(
        values.toSorted((a, b) => a - b),
        Number(statistic.slice(1)),
      );
  }
}
