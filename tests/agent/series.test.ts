import { describe, expect, it } from "vitest";
import { Counters } from "../../agent/counters.ts";
import { shareOf } from "../../agent/reading.ts";
import { select, seriesOf, total } from "../../agent/series.ts";
import { dropOf } from "../../agent/sources/application.ts";
import { memoryOf } from "../../agent/sources/stores.ts";

const TEXT = `# HELP jobs Jobs
# TYPE jobs gauge
jobs{state="waiting",queue="a"} 12
jobs{state="waiting",queue="b"} 3.5e1
jobs{state="failed",queue="a\\"x\\\\y"} 1 1700000000000
up 1
requests_bucket{le="+Inf"} +Inf
# TYPE seconds histogram
seconds_bucket{le="1"} 2
seconds_sum Inf
`;

describe("Prometheus text", () => {
  it("is read with labels, escapes, exponents and time stamps", () => {
    expect(seriesOf(TEXT)).toEqual([
      { name: "jobs", labels: { state: "waiting", queue: "a" }, value: 12 },
      { name: "jobs", labels: { state: "waiting", queue: "b" }, value: 35 },
      { name: "jobs", labels: { state: "failed", queue: 'a"x\\y' }, value: 1 },
      { name: "up", labels: {}, value: 1 },
      { name: "requests_bucket", labels: { le: "+Inf" }, value: Infinity },
      { name: "seconds_bucket", labels: { le: "1" }, value: 2 },
      { name: "seconds_sum", labels: {}, value: Infinity },
    ]);
  });

  it("is refused with the line where it is none", () => {
    expect(() => seriesOf("up 1\n<html>")).toThrow("metrics: line 2 is no sample");
  });

  it("is selected by expressions of the whole label, so that 5.. takes 503 and not 1503", () => {
    const series = seriesOf('r{status="503"} 2\nr{status="1503"} 4\nr{status="200"} 8\nq{status="500"} 16');
    expect(total(select(series, "r", { status: "5.." }))).toBe(2);
    expect(total(select(series, "r", { status: "503|200" }))).toBe(10);
    expect(select(series, "r", { absent: "x" })).toEqual([]);
  });
});

describe("counters", () => {
  const at = (value: number, name = "jobs") => [{ name, labels: {}, value }];

  it("grow by nothing at the first look, by the difference later, and from zero after a restart", () => {
    const counters = new Counters();
    const grown = [100, 130, 7].map((value) => {
      counters.look(at(value));
      return counters.increase(at(value));
    });
    expect(grown).toEqual([0, 30, 7]);
  });

  it("count a series that appears between two looks from its beginning", () => {
    const counters = new Counters();
    counters.look(at(1));
    const appeared = [...at(1), ...at(4, "errors")];
    counters.look(appeared);
    expect(counters.increase(at(4, "errors"))).toBe(4);
  });
});

describe("a share", () => {
  it("is samples of 100 and 0, so that its average over any time is exact", () => {
    expect(shareOf(1, 20)).toEqual({ values: [100, 0], counts: [1, 19] });
    expect(shareOf(3, 3)).toEqual({ values: [100], counts: [3] });
  });

  it("of nothing is a single 0: the writer lives and nothing failed", () => {
    expect(shareOf(0, 0)).toEqual({ values: [0], counts: [1] });
  });
});

describe("a drop", () => {
  const seconds = { recentSeconds: 60, baselineSeconds: 240 };
  const history = (...totals: number[]) => totals.map((sum, index) => ({ at: index * 60_000, total: sum }));

  it("is the share by which the recent rate lies below the one before", () => {
    expect(dropOf(history(0, 60, 120, 180, 204), 240_000, seconds)).toBeCloseTo(60);
  });

  it("is none when the rate rose, nothing was done before, or there is no time to compare with", () => {
    expect(dropOf(history(0, 60, 120, 180, 300), 240_000, seconds)).toBe(0);
    expect(dropOf(history(0, 0, 0, 0, 0), 240_000, seconds)).toBe(0);
    expect(dropOf(history(50), 0, seconds)).toBe(0);
  });

  it("is total when nothing is finished any more", () => {
    expect(dropOf(history(0, 60, 120, 180, 180), 240_000, seconds)).toBe(100);
  });
});

describe("the memory of Redis", () => {
  it("is judged by its limit, else by the machine's", () => {
    expect(memoryOf("used_memory:50\r\nmaxmemory:200\r\ntotal_system_memory:1000\r\n")).toBe(25);
    expect(memoryOf("used_memory:50\r\nmaxmemory:0\r\ntotal_system_memory:1000\r\n")).toBe(5);
    expect(memoryOf("role:master")).toBeUndefined();
  });
});
