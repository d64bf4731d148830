import { describe, expect, it } from "vitest";
import type { Reading } from "../../../checks/measures/measure.ts";
import { chartsOf } from "../../../checks/observation/charts.ts";
import { mark } from "../../../checks/observation/definition.ts";
import type { SampleSet } from "../../../checks/observation/samples.ts";

const beganAt = new Date("2030-01-01T00:00:00Z");
const measures = { pending: { sql: "select 1", unit: "jobs" }, failed: { sql: "select 1", unit: "jobs" } };
const sample = (seconds: number, values: { [name: string]: Reading }): SampleSet => ({
  at: new Date(beganAt.getTime() + seconds * 1000).toISOString(),
  values,
  errors: {},
});
const drawn = (checks: object[], samples: SampleSet[], baseline = {}) =>
  chartsOf(
    {
      ...{ measures, beganAt, baseline, now: beganAt, maximumGapSeconds: 60, errorLimit: 0 },
      marks: [mark().parse({ name: "hour", minutes: 60, checks })],
    },
    samples,
  );

describe("what a watch draws", () => {
  const samples = [4, 9, 2].map((pending, index) => sample(index * 5, { pending, failed: index }));

  it("is each measure over time with the limits of a sample", () => {
    const check = { name: "queue", measure: "pending", minimum: 1, maximum: 50 };
    const line = [
      [0, 4],
      [5, 9],
      [10, 2],
    ];
    expect(drawn([check, { ...check, name: "again" }], samples)).toEqual([
      { title: "pending", unit: "jobs", minimum: 1, limit: 50, line },
    ]);
  });

  it("takes a limit that comes from the baseline, and none that is of a mean", () => {
    const ratio = { name: "a", measure: "pending", maximumBaselineRatio: 2 };
    expect(drawn([ratio], samples, { pending: 6 })).toMatchObject([{ limit: 12 }]);
    expect(
      drawn([{ name: "b", measure: "pending", statistic: "mean", maximum: 5 }], samples)[0],
    ).not.toHaveProperty("limit");
  });

  it("is the growth of a counter through its restarts, and shares in percent", () => {
    const end = { name: "c", measure: "failed", statistic: "increase", minimum: 5 };
    expect(drawn([end], samples)[0]).not.toHaveProperty("minimum");
    const counted = [10, 12, 1, 4].map((failed, index) => sample(index, { failed, pending: index * 10 }));
    const [growth, share] = drawn(
      [
        { name: "a", measure: "failed", statistic: "increase", maximum: 9 },
        { name: "b", measure: "failed", per: "pending", maximum: 40 },
      ],
      counted,
    );
    expect(growth).toMatchObject({
      title: "failed, growth",
      limit: 9,
      line: [
        [0, 0],
        [1, 2],
        [2, 3],
        [3, 6],
      ],
    });
    expect(share).toMatchObject({
      title: "failed per pending",
      unit: "%",
      limit: 40,
      line: [
        [1, 20],
        [2, 10],
        [3, 30],
      ],
    });
  });

  it("stays small however long was watched, and keeps the last sample", () => {
    const many = Array.from({ length: 5000 }, (_, index) => sample(index, { pending: index }));
    const [chart] = drawn([{ name: "a", measure: "pending" }], many);
    const line =
      chart !== null && typeof chart === "object" && "line" in chart && Array.isArray(chart.line)
        ? chart.line
        : [];
    expect(line.length).toBeLessThanOrEqual(121);
    expect(line.at(-1)).toEqual([4999, 4999]);
  });

  it("leaves out what has no line: one sample, or a histogram", () => {
    const checks = [{ name: "a", measure: "pending" }];
    expect(drawn(checks, samples.slice(0, 1))).toEqual([]);
    expect(
      drawn(
        checks,
        [0, 1].map((at) => sample(at, { pending: { "0.5": 1, "+Inf": 2 } })),
      ),
    ).toEqual([]);
  });
});
