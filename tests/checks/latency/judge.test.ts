import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeStatements, type Statements } from "../../../checks/latency/database.ts";
import { databaseLatency, latencyTarget } from "../../../checks/latency/definition.ts";
import type { Driven } from "../../../checks/latency/drive.ts";
import { abortOf, judgeRun } from "../../../checks/latency/judge.ts";
import { percentile } from "../../../checks/percentile.ts";

const target = (more: object) =>
  latencyTarget().parse({ name: "api", url: "http://x/", perSecond: 10, seconds: 10, ...more });
const driven = (milliseconds: number[], more: Partial<Driven> = {}): Driven => ({
  milliseconds: Float64Array.from(milliseconds.toSorted((a, b) => a - b)),
  planned: 100,
  sent: 100,
  failures: {},
  lagMilliseconds: Float64Array.from([0]),
  seconds: 10,
  aborted: undefined,
  ...more,
});
const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
const resultOf = (more: object, run: Driven, before?: number) =>
  Object.fromEntries(
    judgeRun(target(more), run, before).map(({ id, result }) => [id.slice("api-".length), result]),
  );

describe("percentiles", () => {
  it("are values that were seen, by nearest rank", () => {
    expect([50, 95, 99, 100, 0.1].map((rank) => percentile(hundred, rank))).toEqual([50, 95, 99, 100, 1]);
    expect(percentile([7], 95)).toBe(7);
    expect(() => percentile([], 95)).toThrow("none is there");
  });

  it("are not exceeded by so many per cent, and by less than so many below them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 100 }),
        (values, rank) => {
          const value = percentile(
            values.toSorted((a, b) => a - b),
            rank,
          );
          const share = (count: number) => (100 * count) / values.length;
          expect(share(values.filter((other) => other <= value).length)).toBeGreaterThanOrEqual(rank);
          expect(share(values.filter((other) => other < value).length)).toBeLessThan(rank);
        },
      ),
    );
  });
});

describe("the limits of a run", () => {
  it.each([
    [
      { p50: 50, p95: 95, p99: 99, maximum: 100 },
      { p50: "passed", p95: "passed", p99: "passed", maximum: "passed" },
    ],
    [
      { p50: 49.9, p95: 94.9, p99: 98.9, maximum: 99.9 },
      { p50: "failed", p95: "failed", p99: "failed", maximum: "failed" },
    ],
  ])("%j: %j", (limits, results) => {
    expect(resultOf(limits, driven(hundred))).toEqual({ failures: "passed", ...results });
  });

  it.each([
    [{ maximumFailurePercent: 2 }, "passed"],
    [{ maximumFailurePercent: 1.9 }, "failed"],
  ])("two failures of a hundred with %j: %s", (limit, result) => {
    const seen = judgeRun(target(limit), driven(hundred, { failures: { "status 500": 2 } }), undefined);
    expect(seen[0]).toMatchObject({ id: "api-failures", result, observed: "2 % of 100: 2 status 500" });
  });

  it.each([
    [9.8, "passed"],
    [9.9, "failed"],
  ])("98 good answers in 10 s with at least %d/s: %s", (minimumPerSecond, result) => {
    const run = driven(hundred, { failures: { "status 500": 2 } });
    expect(resultOf({ minimumPerSecond, maximumFailurePercent: 5 }, run).throughput).toBe(result);
  });

  it.each([
    [1.5, 95 / 1.5, "passed"],
    [1.5, 63, "failed"],
    [1.5, undefined, "notApplicable"],
  ])("at most %d times %s ms before: %s", (maximumBaselineRatio, before, result) => {
    expect(resultOf({ maximumBaselineRatio }, driven(hundred), before).baseline).toBe(result);
  });

  it("is inconclusive where nothing answered, where it was ended early, and where this machine was too late", () => {
    expect(resultOf({ p95: 1000 }, driven([], { failures: { "connect ECONNREFUSED": 100 } }))).toEqual({
      failures: "failed",
      p95: "inconclusive",
    });
    expect(resultOf({ p95: 1000 }, driven(hundred, { aborted: "3 of 100 requests failed" })).p95).toBe(
      "inconclusive",
    );
    const slow = driven(hundred, { sent: 12, aborted: "6 of 100 requests over 10 ms" });
    expect(resultOf({ p50: 10, maximumBaselineRatio: 2 }, slow, 94)).toEqual({
      failures: "inconclusive",
      p50: "failed",
      baseline: "inconclusive",
    });
    expect(resultOf({ maximumBaselineRatio: 2 }, slow, 40).baseline).toBe("failed");
    const late = (lag: number) => driven(hundred, { lagMilliseconds: Float64Array.from([lag]) });
    expect(resultOf({ p95: 80 }, late(26)).p95).toBe("inconclusive");
    expect(resultOf({ p95: 80 }, late(25)).p95).toBe("failed");
    expect(resultOf({ p95: 95 }, late(26)).p95).toBe("passed");
  });

  it("ends a run as soon as it cannot be kept, not a request earlier", () => {
    expect(abortOf(target({ p95: 500, maximumFailurePercent: 1 }))).toEqual({
      failures: 1,
      slow: [{ milliseconds: 500, allowed: 5 }],
    });
  });
});

describe("statements of the database", () => {
  const known = (calls: number, milliseconds: number) => ({ query: "select  1\n", calls, milliseconds });
  const limits = databaseLatency().parse({ maximumMeanMilliseconds: 2, maximumStatementMilliseconds: 5 });
  const judged = (before: [string, number, number][], after: [string, number, number][]) => {
    const map = (rows: [string, number, number][]): Statements =>
      new Map(rows.map(([id, calls, milliseconds]) => [id, known(calls, milliseconds)]));
    return judgeStatements(map(before), map(after), limits);
  };

  it("are judged by what they took in between", () => {
    const [mean, slowest] = judged(
      [
        ["a", 100, 9000],
        ["b", 1, 1],
      ],
      [
        ["a", 110, 9020],
        ["b", 6, 26],
      ],
    );
    expect(mean).toMatchObject({ result: "failed", observed: "3.000 ms in 15 calls of 2 statements" });
    expect(slowest).toMatchObject({ result: "passed", observed: '5.000 ms in 5 calls of "select 1"' });
    expect(judged([], [["a", 10, 20]])[0]?.result).toBe("passed");
    expect(judged([], [["a", 10, 51]])[1]?.result).toBe("failed");
  });

  it("are inconclusive when none ran, and counted from zero after a reset", () => {
    expect(judged([["a", 5, 5]], [["a", 5, 5]]).map(({ result }) => result)).toEqual([
      "inconclusive",
      "inconclusive",
    ]);
    expect(judged([["a", 500, 900]], [["a", 10, 10]])[0]?.observed).toBe(
      "1.000 ms in 10 calls of 1 statements",
    );
  });
});
