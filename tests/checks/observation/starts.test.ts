// A release that is watched anew: what an earlier watch settled stays, and only what it cannot prove any more is taken from a later one.
import { describe, expect, it } from "vitest";
import { mark } from "../../../checks/observation/definition.ts";
import type { SampleSet } from "../../../checks/observation/samples.ts";
import { judgeStarts, type Starts } from "../../../checks/observation/starts.ts";

const zero = Date.parse("2030-01-01T00:00:00Z");
const at = (minutes: number) => new Date(zero + minutes * 60_000);
const sample = (minutes: number, jobs: number | null): SampleSet => ({
  at: at(minutes).toISOString(),
  values: jobs === null ? {} : { jobs },
  errors: jobs === null ? { jobs: "refused" } : {},
});
/** One sample a minute, both ends included. */
const watched = (from: number, until: number, jobs: number | null = 1) =>
  Array.from({ length: until - from + 1 }, (_, index) => sample(from + index, jobs));
const check = { name: "jobs", measure: "jobs", maximum: 5, trigger: "immediate" };

/** Verdicts of a window of 10 minutes and one of an hour. */
function judged(begun: number[], now: number, samples: SampleSet[], each: object = check) {
  const [first = 0, ...anew] = begun;
  const starts: Starts = [{ at: at(first), why: "" }, ...anew.map((m) => ({ at: at(m), why: "a hole" }))];
  const marks = [
    mark().parse({ name: "first", minutes: 10, checks: [each] }),
    mark().parse({ name: "hour", minutes: 60, checks: [each] }),
  ];
  const measures = { jobs: { sql: "select 1", unit: "jobs" } };
  const given = { measures, marks, maximumGapSeconds: 300, errorLimit: 3, baseline: {}, now: at(now) };
  const { observations, breaches, holes, needed } = judgeStarts(given, starts, samples);
  const [first10, hour] = observations;
  return {
    verdicts: [first10, hour].map((one) => (one?.pendingUntil === undefined ? one?.result : "pending")),
    hour,
    breaches: breaches.map(({ observation }) => observation),
    holes: Object.fromEntries([...holes].map(([id, { observed }]) => [id, observed])),
    needed: needed.map((start) => (start.at.getTime() - zero) / 60_000),
  };
}

describe("a watch with a hole", () => {
  it("keeps what was settled before it, and tells what can be proven no more, while the window is open and after it", () => {
    for (const [now, verdict] of [
      [40, "pending"],
      [90, "inconclusive"],
    ] as const) {
      const seen = judged([0], now, watched(0, 12));
      expect(seen.verdicts).toEqual(["passed", verdict]);
      expect(Object.keys(seen.holes)).toEqual(["hour-jobs"]);
      expect(seen.holes["hour-jobs"]).toMatch(
        /^no data for \d+ min from 2030-01-01T00:12:00.000Z, want none/,
      );
    }
  });

  it("is proven by a whole window from the time when it was watched anew, and says so", () => {
    const samples = [...watched(0, 12), ...watched(90, 150)];
    expect(judged([0, 90], 120, samples).verdicts).toEqual(["passed", "pending"]);
    const { verdicts, hour, holes } = judged([0, 90], 150, samples);
    expect(verdicts).toEqual(["passed", "passed"]);
    expect(hour?.observed).toBe(
      "1 jobs to 1 jobs, 61 samples over 60 min; watched anew since 2030-01-01T01:30:00.000Z, as before " +
        "there was no data for 48 min from 2030-01-01T00:12:00.000Z, want none longer than 300 s",
    );
    expect(holes).toEqual({});
  });

  it("is not proven by a second watch with a hole, nor by the two together", () => {
    const samples = [...watched(0, 12), ...watched(90, 100), ...watched(110, 150)];
    expect(judged([0, 90], 160, samples).verdicts).toEqual(["passed", "inconclusive"]);
    expect(judged([0, 90, 110], 160, samples).verdicts).toEqual(["passed", "pending"]);
  });

  it("stays failed for a breach in any watch", () => {
    const before = [...watched(0, 12), sample(13, 9), ...watched(90, 150)];
    expect(judged([0, 90], 160, before)).toMatchObject({
      verdicts: ["passed", "failed"],
      breaches: ["hour-jobs"],
    });
    const later = [...watched(0, 12), ...watched(90, 150), sample(120, 9)];
    expect(
      judged(
        [0, 90],
        121,
        later.toSorted((a, b) => a.at.localeCompare(b.at)),
      ),
    ).toMatchObject({
      verdicts: ["passed", "failed"],
      breaches: ["hour-jobs"],
    });
  });

  it("is not judged by a part of it, but for what no later sample can mend", () => {
    const mean = { name: "jobs", measure: "jobs", statistic: "mean", maximum: 5 };
    const samples = [...watched(0, 10), ...watched(11, 20, 100), ...watched(30, 60)];
    expect(judged([0], 60, samples, mean)).toMatchObject({
      verdicts: ["passed", "inconclusive"],
      hour: {
        observed: expect.stringMatching(/^no data for 10 min from .*; besides mean 20.\d+ jobs, 52 samples/),
      },
    });
    expect(judged([0, 30], 60, samples, mean)).toMatchObject({
      verdicts: ["passed", "pending"],
      // What was bad is not forgotten.
      hour: { observed: expect.stringMatching(/watched anew since .*; besides mean 20.\d+ jobs/) },
    });
    const slope = { name: "jobs", measure: "jobs", statistic: "increase", minimum: 100 };
    expect(judged([0], 60, samples.slice(0, 3), slope).verdicts).toEqual(["inconclusive", "inconclusive"]);
    const most = { name: "jobs", measure: "jobs", statistic: "maximum", maximum: 5 };
    expect(judged([0, 30], 60, samples, most).verdicts).toEqual(["passed", "failed"]);
  });

  it("has data again only when the measure can be read", () => {
    const seen = judged([0], 20, [...watched(0, 12), ...watched(13, 20, null)]);
    expect(seen.verdicts).toEqual(["passed", "pending"]);
    expect(seen.holes["hour-jobs"]).toMatch(/^8 samples could not be read, want at most 3; .*refused$/);
  });

  it("forgets the starts that prove nothing and never will", () => {
    const samples = [...watched(0, 12), ...watched(90, 95), ...watched(200, 205), ...watched(400, 410)];
    expect(judged([0, 90, 200, 400], 410, samples).needed).toEqual([0, 400]);
    expect(
      judged([0, 90, 120], 140, [...watched(0, 12), ...watched(90, 95), ...watched(120, 140)]),
    ).toMatchObject({
      verdicts: ["passed", "pending"],
      needed: [0, 90, 120],
    });
  });
});
