import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { latencyTarget } from "../../../checks/latency/definition.ts";
import { chartsOf } from "../../../checks/latency/judge.ts";

const spread = z.object({ histogram: z.array(z.tuple([z.number(), z.number()])) });
const target = latencyTarget().parse({ name: "api", url: "http://127.0.0.1/", perSecond: 1, seconds: 1 });
const histogramOf = (values: number[]) => {
  const milliseconds = Float64Array.from(values).sort();
  const driven = {
    milliseconds,
    planned: 1,
    sent: 1,
    failures: {},
    lagMilliseconds: milliseconds,
    seconds: 1,
    aborted: undefined,
  };
  return spread.parse(chartsOf(target, driven)[1]).histogram;
};

describe("the spread of answers", () => {
  it("has every answer in the class of its time", () => {
    expect(histogramOf([9, 11, 30])).toEqual([
      [12, 2],
      [16, 0],
      [21.33, 0],
      [28.44, 0],
      [37.93, 1],
    ]);
  });

  it("loses no answer, however they are spread, and stays small", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1 }), (values) => {
        const classes = histogramOf(values);
        expect(classes.reduce((sum, [, number]) => sum + number, 0)).toBe(values.length);
        expect(classes.length).toBeLessThan(60);
      }),
    );
  });
});
