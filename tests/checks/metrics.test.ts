import { describe, expect, it } from "vitest";
import { step } from "../../checks/metrics.ts";
import { withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const page = (requests: number) => `# TYPE jobs gauge
jobs{state="pending"} 3
jobs{state="failed"} 0
# TYPE seconds histogram
seconds_bucket{le="+Inf"} ${requests}
seconds_sum 1
seconds_count ${requests}
`;
const family = (more: object) => ({ name: "it", metric: "jobs", type: "gauge" as const, ...more });
/** The observation of one family. */
const judged = (wanted: object) =>
  withServer(
    (_request, response) => void response.end(page(1)),
    async (url) => (await runStep(step, { url, families: [family(wanted)] })).seen("family-it"),
  );

describe("a family of metrics", () => {
  it.each([
    [{}, "passed", "2 series"],
    [{ labels: { state: ["pending", "failed"] }, minimum: 0, maximum: 3 }, "passed", "2 series"],
    [{ maximum: 2.9 }, "failed", "2 series; jobs is 3"],
    [{ minimum: 0.1 }, "failed", "2 series; jobs is 0"],
    [{ labels: { state: ["done"] } }, "failed", "2 series; none with state done"],
    [{ type: "counter" }, "failed", "a gauge"],
    [{ metric: "absent" }, "failed", "no such family"],
    [{ metric: "seconds", type: "histogram", minimum: 1 }, "passed", "1 series"],
    [{ metric: "seconds", type: "histogram", minimum: 2 }, "failed", "1 series; seconds_count is 1"],
  ])("%j: %s", async (wanted, result, observed) => {
    expect(await judged(wanted)).toMatchObject({ result, observed });
  });
});

it("a summary without observations yet has quantiles that are no number, as Prometheus' clients write it", async () => {
  const page = (quantile: string, count: string) =>
    `# TYPE jobs summary\njobs{quantile="0.5"} ${quantile}\njobs_sum 0\njobs_count ${count}\n`;
  const results: string[] = [];
  for (const text of [page("NaN", "0"), page("NaN", "NaN"), page("3", "1")])
    await withServer(
      (_request, response) => void response.end(text),
      async (url) => {
        const wanted = family({ type: "summary", maximum: 2 });
        const { seen } = await runStep(step, { url, families: [wanted] });
        results.push(seen("family-it").result);
      },
    );
  expect(results).toEqual(["passed", "failed", "failed"]);
});

describe("counters", () => {
  it.each([
    ["count each use", 1, "passed"],
    ["count every other one", 0.5, "failed"],
    ["count nothing", 0, "failed"],
  ])("%s", async (_what, each, result) => {
    let requests = 0;
    await withServer(
      (request, response) => {
        if (request.url === "/use") requests += each;
        response.end(page(requests));
      },
      async (url) => {
        const count = {
          name: "use",
          metric: "seconds_count",
          request: { url: `${url}/use` },
          times: 10,
          withinSeconds: 0.3,
        };
        const { seen } = await runStep(step, { url, families: [family({})], counts: [count] });
        expect(seen("counts-use").result).toBe(result);
      },
    );
  });
});

describe("the endpoint", () => {
  it("fails when it shows something else or nothing", async () => {
    await withServer(
      (_request, response) => void response.end("<html></html>"),
      async (url) => {
        const { observations } = await runStep(step, { url, families: [family({})] });
        expect(observations).toMatchObject([{ id: "endpoint", result: "failed" }]);
      },
    );
    const closed = await runStep(step, { url: "http://127.0.0.1:1/", families: [family({})] });
    expect(closed.seen("endpoint").observed).toContain("ECONNREFUSED");
  });

  it("is inspected for at least one family, and a bounded number of times", () => {
    const of = (more: object) => inputFaults(step, { url: "http://x/", families: [family({})], ...more });
    const count = (times: number) => [{ name: "a", metric: "a", request: { url: "http://x/" }, times }];
    expect([of({}), of({ counts: count(1000) })]).toEqual([[], []]);
    expect([of({ families: [] }).length, of({ counts: count(1001) }).length]).toEqual([1, 1]);
  });
});
