// The samples of a watched release as lines over time with the limits that they are judged by, for the report.
import type { Fact } from "../step/definition.ts";
import { boundsOf } from "./bounds.ts";
import type { ObservationCheck } from "./definition.ts";
import type { Judged } from "./judge.ts";
import { pointsOf, type SampleSet } from "./samples.ts";
import { histograms, numbers, type Point, shares, steps } from "./statistics.ts";

const MOST_CHARTS = 12;
const MOST_POINTS = 120;

/** One line for each measure and way of judging it; a measure with fewer than two samples has none. */
export function chartsOf(given: Judged, samples: SampleSet[]): Fact[] {
  const drawn = new Map<string, Fact>();
  for (const check of given.marks.flatMap(({ checks }) => checks)) {
    const title = `${check.measure}${check.per === undefined ? "" : ` per ${check.per}`}${isGrowth(check) ? ", growth" : ""}`;
    const points = drawn.has(title) ? [] : seriesOf(check, samples);
    const [first] = points;
    if (first === undefined || points.length < 2) continue;
    const unit = check.per === undefined ? (given.measures[check.measure]?.unit ?? "") : "%";
    const every = Math.ceil(points.length / MOST_POINTS);
    const line = points
      .filter((_, index) => index % every === 0 || index === points.length - 1)
      .map(({ at, value }): Fact => [(at - given.beganAt.getTime()) / 1000, Number(value.toPrecision(6))]);
    drawn.set(title, { title, unit, ...limitsOf(check, given), line });
  }
  return [...drawn.values()].slice(0, MOST_CHARTS);
}

function isGrowth({ statistic, per }: ObservationCheck): boolean {
  return statistic === "increase" && per === undefined;
}

function seriesOf(check: ObservationCheck, samples: SampleSet[]): Point[] {
  const series = pointsOf(samples, check.measure);
  if (histograms(series).length > 0) return [];
  const points = numbers(series);
  if (check.per !== undefined) return shares(points, numbers(pointsOf(samples, check.per)));
  return isGrowth(check) ? growth(points) : points;
}

/** What a counter grew by since the first sample, through its restarts. */
function growth(points: Point[]): Point[] {
  const [first] = points;
  let sum = 0;
  const grown = steps(points).map(({ at, value }) => {
    sum += value;
    return { at, value: sum };
  });
  return first ? [{ at: first.at, value: 0 }, ...grown] : [];
}

/** Limits that hold for every sample; those of a slope, a mean or the end of the window do not. */
function limitsOf(check: ObservationCheck, given: Judged): { [limit: string]: number } {
  const { minimum, maximum } = boundsOf(check, given) ?? {};
  const below = ["each", "minimum"].includes(check.statistic);
  const above = ["each", "maximum", "increase"].includes(check.statistic);
  return {
    ...(below && minimum !== undefined && Number.isFinite(minimum) ? { minimum } : {}),
    ...(above && maximum !== undefined && Number.isFinite(maximum) ? { limit: maximum } : {}),
  };
}
