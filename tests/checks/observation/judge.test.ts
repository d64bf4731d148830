import { describe, expect, it } from "vitest";
import type { Measure, Reading } from "../../../checks/measures/measure.ts";
import { mark as markSchema } from "../../../checks/observation/definition.ts";
import { judgeMarks } from "../../../checks/observation/judge.ts";
import type { SampleSet } from "../../../checks/observation/samples.ts";
import { bucketPercentile, figure, slopePerHour } from "../../../checks/observation/statistics.ts";

const beganAt = new Date("2030-01-01T00:00:00Z");
const at = (minutes: number) => new Date(beganAt.getTime() + minutes * 60_000);
const sample = (minutes: number, values: { [name: string]: Reading }, errors = {}): SampleSet => ({
  at: at(minutes).toISOString(),
  values,
  errors,
});
const jobs: Measure = { sql: "select 1", unit: "jobs" };
const plain: Measure = { sql: "select 1", unit: "" };

/** The one observation of a mark with one check. */
function judged(
  check: object,
  samples: SampleSet[],
  options: {
    minutes?: number;
    now?: number;
    baseline?: { [name: string]: Reading };
    errorLimit?: number;
  } = {},
) {
  const { minutes = 10, now = 10, baseline = {}, errorLimit = 1 } = options;
  const marks = [markSchema().parse({ name: "mark", minutes, checks: [{ name: "it", ...check }] })];
  const measures = { pending: jobs, bad: plain, all: plain, seconds: { ...plain, unit: "s" } };
  const given = { measures, marks, maximumGapSeconds: 300, errorLimit, beganAt, baseline, now: at(now) };
  const { observations, breaches } = judgeMarks(given, samples);
  const [observation] = observations;
  if (!observation || observations.length > 1) throw new Error(`${observations.length} observations, want 1`);
  return { ...observation, breaches };
}
const every = (values: number[]) => values.map((value, index) => sample(index * 2, { pending: value }));

describe("the bounds of a check", () => {
  it.each([
    [{ maximum: 100 }, [1, 100, 3, 4, 5, 6], "passed"],
    [{ maximum: 100 }, [1, 101, 3, 4, 5, 6], "failed"],
    [{ maximum: 100, failureLimit: 1 }, [1, 101, 3, 4, 5, 6], "passed"],
    [{ maximum: 100, failureLimit: 1 }, [1, 101, 101, 4, 5, 6], "failed"],
    [{ minimum: 1 }, [1, 1, 1, 1, 1, 1], "passed"],
    [{ minimum: 1 }, [1, 1, 1, 1, 1, 0.9], "failed"],
    [{ statistic: "mean", maximum: 50 }, [0, 100, 50, 50, 50, 50], "passed"],
    [{ statistic: "mean", maximum: 50 }, [1, 100, 50, 50, 50, 50], "failed"],
    [{ statistic: "p95", maximum: 5 }, [1, 2, 3, 4, 5, 6], "failed"],
    [{ statistic: "last", maximum: 6 }, [9, 2, 3, 4, 5, 6], "passed"],
    [{ statistic: "last", maximum: 5 }, [9, 2, 3, 4, 5, 6], "failed"],
    [{ statistic: "increase", maximum: 5 }, [10, 12, 0, 1, 2, 3], "passed"],
    [{ statistic: "increase", minimum: 5.1 }, [10, 12, 0, 1, 2, 3], "failed"],
    [{ statistic: "perHour", maximum: 30 }, [0, 1, 2, 3, 4, 5], "passed"],
    [{ statistic: "perHour", maximum: 29.9 }, [0, 1, 2, 3, 4, 5], "failed"],
  ])("%j over %j: %s", (check, values, result) => {
    expect(judged({ measure: "pending", ...check }, every(values)).result).toBe(result);
  });

  it("says what was seen and when the first breach was", () => {
    expect(judged({ measure: "pending", maximum: 4 }, every([1, 2, 3, 4, 5, 6]))).toMatchObject({
      id: "mark-it",
      expected: "pending at most 4 jobs for 10 min",
      observed:
        "1 jobs to 6 jobs; 2 out of bounds, the first 5 jobs at 2030-01-01T00:08:00.000Z, 6 samples over 10 min",
    });
  });

  it("judges the growth of one counter in percent of another's, each interval and as a whole", () => {
    const samples = [0, 1, 2, 3, 4, 5].map((n) => sample(n * 2, { all: 1000 * n, bad: n < 3 ? 0 : 10 }));
    const check = { measure: "bad", per: "all" };
    expect(judged({ ...check, statistic: "each", maximum: 1 }, samples).result).toBe("passed");
    expect(judged({ ...check, statistic: "each", maximum: 0.99 }, samples).result).toBe("failed");
    expect(judged({ ...check, statistic: "increase", maximum: 0.2 }, samples).observed).toContain(
      "0.2 % (10 of 5000)",
    );
    expect(judged({ ...check, statistic: "increase", maximum: 0.19 }, samples).result).toBe("failed");
  });

  it("takes percentiles of what a histogram grew by, as the bound that the true value is not above", () => {
    const before = { "0.1": 900, "0.5": 900, "+Inf": 900 };
    const after = { "0.1": 994, "0.5": 1000, "+Inf": 1000 };
    const samples = [0, 5, 10].map((m) => sample(m, { seconds: m === 0 ? before : after }));
    const check = { measure: "seconds", statistic: "p95" };
    expect(judged({ ...check, maximum: 0.5 }, samples).observed).toContain(
      "percentile 95 at most 0.5 s of 100",
    );
    expect(judged({ ...check, maximum: 0.4 }, samples).result).toBe("failed");
    expect(bucketPercentile({ "0.1": 95, "+Inf": 100 }, 95)).toBe(0.1);
    expect(bucketPercentile({ "0.1": 94, "+Inf": 100 }, 95)).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes a histogram that fell for one that began anew as a whole, also where it has more in a bucket by now", () => {
    const samples = [
      sample(0, { seconds: { "0.1": 0, "+Inf": 0 } }),
      sample(5, { seconds: { "0.1": 50, "+Inf": 100 } }),
      sample(10, { seconds: { "0.1": 70, "+Inf": 70 } }),
    ];
    const all = { measure: "seconds", statistic: "p50", maximum: 0.1 };
    expect(judged(all, samples)).toMatchObject({ result: "passed" });
    expect(judged(all, samples).observed).toContain("percentile 50 at most 0.1 s of 170");
  });

  it.each([
    [1.5, "passed"],
    [1.4, "failed"],
  ])("compares with the baseline: %d times is %s", (maximumBaselineRatio, result) => {
    const check = { measure: "pending", statistic: "maximum", maximumBaselineRatio };
    expect(judged(check, every([1, 2, 3, 4, 5, 6]), { baseline: { pending: 4 } }).result).toBe(result);
  });

  it("takes the extremes of very many samples: two weeks at 5 s are 241,920", () => {
    const points = Array.from({ length: 241_920 }, (_, index) => ({ at: index, value: index }));
    expect([figure(points, "maximum"), figure(points, "minimum")]).toEqual([241_919, 0]);
    const samples = points.map(({ at, value }) => sample(at / 60_000, { pending: value }));
    expect(judged({ measure: "pending", maximum: 241_919 }, samples, { now: 9 }).observed).toContain(
      "0 jobs to 241900 jobs",
    );
  });

  it("has no slope at one moment", () => {
    expect(slopePerHour([{ at: 1, value: 5 }])).toBe(0);
  });
});

describe("a window that is not over", () => {
  it("is pending until its end while all is good", () => {
    const seen = judged({ measure: "pending", maximum: 9 }, every([1, 2]), { now: 2 });
    expect(seen).toMatchObject({ result: "inconclusive", pendingUntil: at(10).toISOString() });
    expect(seen.observed).toBe("1 jobs to 2 jobs, 2 samples over 2 min; the window is not over yet");
  });

  it("fails at once at a breach, and names the rollback trigger", () => {
    const check = { measure: "pending", maximum: 1, trigger: "immediate" };
    const seen = judged(check, every([1, 2]), { now: 2 });
    expect(seen.result).toBe("failed");
    expect(seen.pendingUntil).toBeUndefined();
    expect(seen.observed).toContain("immediate rollback trigger");
    expect(seen.breaches).toMatchObject([{ observation: "mark-it", trigger: "immediate" }]);
  });

  it.each([
    [{ statistic: "maximum", maximum: 1 }, "failed"],
    [{ statistic: "maximum", minimum: 3 }, "inconclusive"],
    [{ statistic: "minimum", minimum: 2 }, "failed"],
    [{ statistic: "minimum", maximum: 0 }, "inconclusive"],
    [{ statistic: "increase", maximum: 0 }, "failed"],
    [{ statistic: "increase", minimum: 2 }, "inconclusive"],
    [{ statistic: "mean", maximum: 1 }, "inconclusive"],
    [{ statistic: "perHour", maximum: 1 }, "inconclusive"],
  ])("fails early only where later samples cannot mend it: %j is %s", (check, result) => {
    expect(judged({ measure: "pending", ...check }, every([1, 2]), { now: 2 }).result).toBe(result);
    const whole = every([1, 2, 2, 2, 2, 2]);
    expect(judged({ measure: "pending", ...check }, whole, { now: 10 }).result).toBe("failed");
    // A part of a window that is over does not tell of the rest either.
    expect(judged({ measure: "pending", ...check }, every([1, 2]), { now: 10 }).result).toBe(result);
  });

  it("is over at its end and not before", () => {
    const samples = every([1, 1, 1, 1, 1, 1]);
    const check = { measure: "pending", maximum: 1 };
    expect(judged(check, samples, { now: 9.99 }).pendingUntil).toBe(at(10).toISOString());
    expect(judged(check, samples, { now: 10 }).result).toBe("passed");
  });
});

describe("no data", () => {
  it("is inconclusive when the window is over, and not pending", () => {
    const seen = judged({ measure: "pending" }, [], { now: 10 });
    expect(seen.result).toBe("inconclusive");
    expect(seen.pendingUntil).toBeUndefined();
    expect(seen.observed).toBe(
      "no data for 10 min from 2030-01-01T00:00:00.000Z, want none longer than 300 s",
    );
  });

  it.each([
    [[0, 5, 10], "passed"],
    [[0, 5.1, 10], "inconclusive"],
    [[0, 3, 4.9], "inconclusive"],
    [[5.1, 8, 10], "inconclusive"],
  ])("samples at minutes %j: %s", (minutes, result) => {
    const samples = minutes.map((m) => sample(m, { pending: 1 }));
    expect(judged({ measure: "pending", maximum: 1 }, samples).result).toBe(result);
  });

  it.each([
    [1, "passed"],
    [0, "inconclusive"],
  ])("one unreadable sample with an error limit of %d: %s", (errorLimit, result) => {
    const samples = [...every([1, 1, 1, 1, 1, 1]), sample(9, {}, { pending: "connect ECONNREFUSED" })];
    const seen = judged({ measure: "pending", maximum: 1 }, samples, { errorLimit });
    expect(seen.result).toBe(result);
    if (result === "inconclusive") expect(seen.observed).toContain("connect ECONNREFUSED");
  });

  it("is what a share of nothing and a baseline that was not taken are", () => {
    const still = [0, 5, 10].map((m) => sample(m, { all: 7, bad: 0, pending: 1 }));
    expect(judged({ measure: "bad", per: "all", maximum: 5 }, still).result).toBe("inconclusive");
    expect(judged({ measure: "pending", maximumBaselineRatio: 2 }, still).result).toBe("inconclusive");
  });
});
