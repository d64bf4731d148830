// Between which figures a check is good, and how that is told.
import type { Measure, Reading } from "../measures/measure.ts";
import type { ObservationCheck } from "./definition.ts";
import { bucketPercentile } from "./statistics.ts";

/** What the bounds of a check refer to. */
export interface Standard {
  measures: { [name: string]: Measure };
  /** Figures from before the release, by measure. */
  baseline: { [measure: string]: Reading };
}

export function boundsOf(
  check: ObservationCheck,
  given: Standard,
): { minimum: number; maximum: number } | undefined {
  const minimum = check.minimum ?? Number.NEGATIVE_INFINITY;
  const maximum = check.maximum ?? Number.POSITIVE_INFINITY;
  if (check.maximumBaselineRatio === undefined) return { minimum, maximum };
  const before = baselineOf(check, given);
  if (before === undefined) return check.maximum === undefined ? undefined : { minimum, maximum };
  return { minimum, maximum: Math.min(maximum, before * check.maximumBaselineRatio) };
}

/** The figure before the release: a gauge as it was, counters and histograms since their process began. */
function baselineOf(check: ObservationCheck, { baseline }: Standard): number | undefined {
  const before = baseline[check.measure];
  if (before === undefined) return undefined;
  if (typeof before !== "number")
    return bucketPercentile(before, Number(check.statistic.replace(/^\D+/, "")) || 95);
  if (check.per === undefined) return before;
  const whole = baseline[check.per];
  return typeof whole === "number" && whole > 0 ? (100 * before) / whole : undefined;
}

export function renderBounds(check: ObservationCheck, given: Standard): string {
  const unit = unitOf(check, given);
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

/** The unit of what a check looks at; empty where it has none. */
export function unitOf(check: ObservationCheck, { measures }: Standard): string {
  return check.per === undefined ? (measures[check.measure]?.unit ?? "") : "%";
}

export function withUnit(value: number, unit: string): string {
  const shown = Number.isFinite(value)
    ? String(Number(value.toPrecision(4)))
    : value > 0
      ? "more than any bucket"
      : "-";
  return unit === "" ? shown : `${shown} ${unit}`;
}
