import { describe, expect, it } from "vitest";
import { charts } from "../../report/charts.ts";

const html = (facts: { [name: string]: unknown }) => charts(facts).map((one) => one.html);

describe("charts", () => {
  it("draws each bar to scale, with the limit, and marks what is over it", () => {
    const [figure = ""] = html({
      charts: [
        {
          title: "Restore",
          unit: "s",
          limit: 40,
          bars: [
            ["fetch", 10],
            ["restore", 80],
          ],
        },
      ],
    });
    const widths = [...figure.matchAll(/class="(\w+)" x="110" y="\d+" width="([\d.]+)"/g)];
    expect(widths.map(([, state, width]) => [state, Number(width)])).toEqual([
      ["passed", 35],
      ["failed", 280],
    ]);
    expect(figure).toContain('class="limit" x1="250.0"');
    expect(figure).toContain('aria-label="Restore: fetch 10 s, restore 80 s"');
  });

  it("draws bars that are all nothing", () => {
    const [figure = ""] = html({
      charts: [
        {
          title: "Waits",
          unit: "s",
          bars: [
            ["first", 0],
            ["next", 0],
          ],
        },
      ],
    });
    expect([...figure.matchAll(/ width="([^"]+)"/g)].map(([, width]) => width)).toEqual(["1.0", "1.0"]);
    expect(figure).not.toContain("NaN");
  });

  it("judges a bar by its own limit where it has one", () => {
    const [figure = ""] = html({
      charts: [
        {
          title: "Answers",
          unit: "ms",
          bars: [
            ["p50", 40, 50],
            ["p99", 90, 80],
            ["slowest", 100],
          ],
        },
      ],
    });
    expect([...figure.matchAll(/<rect class="(\w+)"/g)].map(([, state]) => state)).toEqual([
      "passed",
      "failed",
      "passed",
    ]);
    expect(figure.match(/class="limit"/g)).toHaveLength(2);
    expect(figure).toContain("p50 40 ms, limit 50, p99 90 ms, limit 80, slowest 100 ms");
  });

  it("draws a line over the time of its samples, and marks a breach", () => {
    const line = [
      [5, 10],
      [10, 20],
      [15, 0],
    ];
    const chart = { title: "Queue", unit: "jobs", line };
    const [calm = "", breached = ""] = html({
      charts: [
        { ...chart, limit: 30 },
        { ...chart, limit: 15 },
      ],
    });
    const points = /class="(\w+)" points="([^"]*)"/.exec(calm);
    expect(points?.[2]?.split(" ").map((point) => Number(point.split(",")[0]))).toEqual([60, 240, 420]);
    expect([points?.[1], /polyline class="(\w+)"/.exec(breached)?.[1]]).toEqual(["passed", "failed"]);
    expect(calm).toContain("Queue: from 0 to 20 jobs in 10 s");
  });

  it("marks a value below what is wanted at least, too", () => {
    const line = [
      [0, 10],
      [5, 4],
    ];
    const chart = { title: "Disk free", unit: "%", line };
    const drawn = html({
      charts: [
        { ...chart, minimum: 3 },
        { ...chart, minimum: 5, limit: 90 },
      ],
    });
    expect(drawn.map((one) => /polyline class="(\w+)"/.exec(one)?.[1])).toEqual(["passed", "failed"]);
    expect(drawn[1]).toContain("Disk free (%, limit 90, at least 5)");
    expect(drawn[1]?.match(/class="limit"/g)).toHaveLength(2);
  });

  it("draws how values are spread, each column as high as its share of the fullest", () => {
    const histogram = [
      [10, 2],
      [13.3, 8],
      [17.8, 0],
      [23.7, 1],
    ];
    const [figure = ""] = html({ charts: [{ title: "Answers", unit: "ms", histogram }] });
    const heights = [...figure.matchAll(/<rect [^>]* height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    );
    expect(heights).toEqual([25, 100, 0, 12.5]);
    expect(figure).toContain('aria-label="Answers: 2 up to 10 ms, 8 up to 13.3 ms, 1 up to 23.7 ms"');
  });

  it("shows nothing for facts of another shape, and escapes what it shows", () => {
    expect(html({ charts: "many" })).toEqual([]);
    expect(html({ charts: [{ title: "t", unit: "s", bars: [] }] })).toEqual([]);
    expect(html({ charts: [{ title: "<b>", unit: "s", bars: [["<i>", 0]] }] }).join()).not.toMatch(/<b>|<i>/);
  });
});
