// What one run says: percentiles against limits and baseline, failures, throughput, and whether the driver itself kept its pace.
import { percentile } from "../percentile.ts";
import { type Fact, type Facts, type Observation, observe } from "../step/definition.ts";
import type { LatencyTarget } from "./definition.ts";
import type { Driven, DrivePlan } from "./drive.ts";

const LIMITS = [
  ["p50", 50],
  ["p95", 95],
  ["p99", 99],
  ["maximum", 100],
] as const;
// Beyond this the figures would tell of this machine.
const LARGEST_LAG_SHARE = 0.25;
const SMALLEST_LAG_MILLISECONDS = 25;
// Classes of the spread: each bound is a third larger than the one before.
const CLASS_GROWTH = 4 / 3;
const SMALLEST_CLASS_MILLISECONDS = 0.05;

/** What makes the rest of a run pointless: with so many slow or failed requests no later one can mend it. */
export function abortOf(target: LatencyTarget): DrivePlan["abort"] {
  const planned = Math.max(1, Math.round(target.perSecond * target.seconds));
  const slow = LIMITS.flatMap(([limit, percent]) => {
    const milliseconds = target[limit];
    if (milliseconds === undefined) return [];
    return [{ milliseconds, allowed: planned - Math.ceil((percent / 100) * planned) }];
  });
  return { failures: Math.floor((target.maximumFailurePercent / 100) * planned), slow };
}

/** Percentile 95 before the release, in milliseconds; undefined when there was no release before. */
type Before = number | "untaken" | undefined;

export function judgeRun(target: LatencyTarget, driven: Driven, before: Before): Observation[] {
  const { name } = target;
  const failed = Object.values(driven.failures).reduce((sum, count) => sum + count, 0);
  const good = driven.sent - failed;
  const why = Object.entries(driven.failures).map(([cause, count]) => `${count} ${cause}`);
  const percent = (100 * failed) / driven.sent;
  const cut =
    driven.aborted === undefined
      ? ""
      : `; ended after ${driven.sent} of ${driven.planned} requests: ${driven.aborted}`;
  const pace = `${target.perSecond} requests/s for ${target.seconds} s`;
  const observations = [
    observe(
      `${name}-failures`,
      percent <= target.maximumFailurePercent && driven.sent > 0,
      `at most ${target.maximumFailurePercent} % failed at ${pace}`,
      `${shown(percent)} % of ${driven.sent}${why.length > 0 ? `: ${why.join(", ")}` : ""}${cut}`,
    ),
    ...LIMITS.flatMap(([limit, rank]) => {
      const most = target[limit];
      return most === undefined ? [] : [judgePercentile(`${name}-${limit}`, rank, most, driven, pace, cut)];
    }),
  ];
  if (target.minimumPerSecond !== undefined) {
    const reached = good / Math.max(driven.seconds, target.seconds);
    observations.push(
      observe(
        `${name}-throughput`,
        reached >= target.minimumPerSecond,
        `at least ${target.minimumPerSecond} good answers/s`,
        `${shown(reached)} answers/s over ${shown(driven.seconds)} s${cut}`,
      ),
    );
  }
  if (target.maximumBaselineRatio !== undefined)
    observations.push(judgeBaseline(target, target.maximumBaselineRatio, driven, before, cut));
  return blind(target, driven, driven.aborted === undefined ? observations : unproven(observations));
}

function judgePercentile(
  id: string,
  rank: number,
  most: number,
  driven: Driven,
  pace: string,
  cut: string,
): Observation {
  const expected = `percentile ${rank} at most ${most} ms at ${pace}`;
  if (driven.milliseconds.length === 0)
    return { id, result: "inconclusive", expected, observed: `no answer${cut}` };
  const seen = percentile(driven.milliseconds, rank);
  return observe(
    id,
    seen <= most,
    expected,
    `${shown(seen)} ms of ${driven.milliseconds.length} answers${cut}`,
  );
}

function judgeBaseline(
  target: LatencyTarget,
  ratio: number,
  driven: Driven,
  before: Before,
  cut: string,
): Observation {
  const id = `${target.name}-baseline`;
  const floor = target.baselineFloor > 0.1 ? `, or at most ${target.baselineFloor} ms` : "";
  const expected = `percentile 95 at most ${ratio} times that before the release: ${shown((ratio - 1) * 100)} % worse${floor}`;
  if (before === undefined)
    return { id, result: "notApplicable", expected, observed: "nothing answered before the release" };
  if (before === "untaken")
    return { id, result: "inconclusive", expected, observed: "no figure could be taken before the release" };
  if (driven.milliseconds.length === 0)
    return { id, result: "inconclusive", expected, observed: "no answer" };
  const seen = percentile(driven.milliseconds, 95);
  return observe(
    id,
    seen <= Math.max(before * ratio, target.baselineFloor),
    expected,
    `${shown(seen)} ms, ${shown(before)} ms before: ${shown(seen / before)} times${cut}`,
  );
}

/** A run that was ended early says nothing of the requests that would have come: what went well so far proves nothing. */
function unproven(observations: Observation[]): Observation[] {
  return observations.map((one) => (one.result === "passed" ? { ...one, result: "inconclusive" } : one));
}

/** A failure that a late driver may have caused is none of the server: it is inconclusive. */
function blind(target: LatencyTarget, driven: Driven, observations: Observation[]): Observation[] {
  if (driven.lagMilliseconds.length === 0) return observations;
  const lag = percentile(driven.lagMilliseconds, 95);
  const limits = LIMITS.flatMap(([limit]) => target[limit] ?? []);
  const most = Math.max(SMALLEST_LAG_MILLISECONDS, LARGEST_LAG_SHARE * Math.min(...limits, 1000));
  if (lag <= most) return observations;
  const slow = `this machine sent 5 % of the requests more than ${shown(lag)} ms late, want at most ${shown(most)} ms; run it where there is time`;
  return observations.map((one) =>
    one.result === "failed" && !one.id.endsWith("-failures")
      ? { ...one, result: "inconclusive", observed: `${one.observed}; ${slow}` }
      : one,
  );
}

/** Figures of a run, in milliseconds. */
export function factsOf(driven: Driven): Facts {
  const at = (percent: number) =>
    driven.milliseconds.length === 0 ? null : Number(percentile(driven.milliseconds, percent).toFixed(3));
  return {
    requests: driven.sent,
    answered: driven.milliseconds.length,
    failures: driven.failures,
    perSecond: Number((driven.sent / driven.seconds).toFixed(2)),
    p50: at(50),
    p95: at(95),
    p99: at(99),
    maximum: at(100),
    lagP95:
      driven.lagMilliseconds.length === 0 ? null : Number(percentile(driven.lagMilliseconds, 95).toFixed(3)),
    ...(driven.aborted === undefined ? {} : { aborted: driven.aborted }),
  };
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** The percentiles beside their limits, as the report draws them; none when nothing was answered. */
export function chartsOf({ name, p50, p95, p99, maximum }: LatencyTarget, { milliseconds }: Driven): Fact[] {
  if (milliseconds.length === 0) return [];
  const limits: [string, number, number | undefined][] = [
    ["p50", 50, p50],
    ["p95", 95, p95],
    ["p99", 99, p99],
    ["slowest", 100, maximum],
  ];
  const bars = limits.map(([label, percent, limit]): Fact => {
    const value = Number(percentile(milliseconds, percent).toFixed(3));
    return limit === undefined ? [label, value] : [label, value, limit];
  });
  return [
    { title: `Answers of ${name}`, unit: "ms", bars },
    { title: `How the answers of ${name} are spread`, unit: "ms", histogram: histogramOf(milliseconds) },
  ];
}

/** Answers by time, in classes whose bounds grow by a third: upper bound and number, without empty classes at the ends. */
function histogramOf(ascending: Float64Array): Fact[] {
  const classes: [bound: number, number: number][] = [];
  const smallest = Math.max(ascending[0] ?? 0, SMALLEST_CLASS_MILLISECONDS);
  let bound = smallest * CLASS_GROWTH;
  let number = 0;
  for (const value of ascending) {
    while (value > bound) {
      classes.push([Number(bound.toPrecision(4)), number]);
      bound *= CLASS_GROWTH;
      number = 0;
    }
    number++;
  }
  return [...classes, [Number(bound.toPrecision(4)), number]];
}
