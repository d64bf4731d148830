import type { ServerResponse } from "node:http";
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { step as baseline } from "../../checks/baseline.ts";
import { step } from "../../checks/latency.ts";
import type { Facts } from "../../checks/step/definition.ts";
import { newDatabase } from "./support/database.ts";
import { withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const quick = { name: "api", perSecond: 100, seconds: 1, warmUpSeconds: 0, timeoutSeconds: 5 };
const secret = "a-signing-key-of-tests";

describe("latency", () => {
  it("sends when requests are due, not when others were answered, and charges the server for all that waited", async () => {
    const held: ServerResponse[] = [];
    await withServer(
      (_request, response) => {
        // The server stalls until fifty requests wait: whoever waits for answers would wait for ever.
        held.push(response);
        if (held.length >= 50) for (const one of held.splice(0, held.length)) one.end("ok");
      },
      async (url) => {
        const { seen, facts } = await runStep(step, {
          targets: [{ ...quick, url, seconds: 0.5, maximum: 400 }],
        });
        expect(seen("api-failures")).toMatchObject({ result: "passed", observed: "0 % of 50" });
        // The first waited 490 ms, the last not at all.
        expect(seen("api-maximum").result).not.toBe("passed");
        expect(facts.api).toMatchObject({ requests: 50, answered: 50 });
        expect((facts.api as { maximum: number }).maximum).toBeGreaterThanOrEqual(489);
      },
    );
  });

  it("times an answer up to its last byte", async () => {
    await withServer(
      (_request, response) => {
        response.write("the first half, ");
        setTimeout(() => response.end("the second"), 60);
      },
      async (url) => {
        const { facts } = await runStep(step, { targets: [{ ...quick, url, perSecond: 20, seconds: 0.5 }] });
        expect(facts.api).toMatchObject({ answered: 10, failures: {} });
        // A timer may be early by a part of a millisecond.
        expect((facts.api as { p50: number }).p50).toBeGreaterThanOrEqual(59);
      },
    );
  });

  it("lets itself in with the name and password of the address, as the other checks do", async () => {
    const got = new Set<string>();
    await withServer(
      (request, response) => {
        got.add(request.headers.authorization ?? "nobody");
        response.end();
      },
      async (url) => {
        const address = url.replace("//", "//tester:a%20pass%25word@");
        await runStep(step, { targets: [{ ...quick, url: address, perSecond: 20, seconds: 0.5 }] });
      },
    );
    expect([...got]).toEqual([`Basic ${Buffer.from("tester:a pass%word").toString("base64")}`]);
  });

  it("ends early when its limits cannot be kept any more, and says so", async () => {
    let requests = 0;
    await withServer(
      (_request, response) => {
        requests += 1;
        response.statusCode = 500;
        response.end();
      },
      async (url) => {
        const target = { ...quick, url, seconds: 600, maximumFailurePercent: 0.005 };
        const { seen } = await runStep(step, { targets: [target] });
        expect(seen("api-failures").result).toBe("failed");
        expect(seen("api-failures").observed).toMatch(
          /\d+ status 500; ended after \d+ of 60000 requests: 4 of 60000/,
        );
        expect(requests).toBeLessThan(1000);
      },
    );
  });

  it("counts no answer in time as a failure that took as long", async () => {
    await withServer(
      () => {},
      async (url) => {
        const target = {
          ...quick,
          url,
          perSecond: 10,
          timeoutSeconds: 1.2,
          maximumFailurePercent: 100,
          p50: 1100,
        };
        const { seen, facts } = await runStep(step, { targets: [target] });
        // As the report draws it: the value beside its own limit, if it has one.
        expect(facts.charts).toMatchObject([
          {
            unit: "ms",
            bars: [
              ["p50", expect.any(Number), 1100],
              ["p95", expect.any(Number)],
              ["p99", expect.any(Number)],
              ["slowest", expect.any(Number)],
            ],
          },
          { unit: "ms", histogram: expect.any(Array) },
        ]);
        expect(seen("api-failures")).toMatchObject({
          result: "passed",
          observed: "100 % of 10: 10 no answer within 1.2 s",
        });
        expect(seen("api-p50").result).toBe("failed");
      },
    );
  });

  it("leaves the warm-up out, and sends another person's token each time", async () => {
    const people = new Set<string>();
    let requests = 0;
    await withServer(
      async (request, response) => {
        requests += 1;
        const token = String(request.headers.authorization).replace("Bearer ", "");
        const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
        people.add(String(payload.sub));
        response.end(String(payload.role));
      },
      async (url) => {
        const { facts } = await runStep(step, {
          targets: [{ ...quick, url, perSecond: 20, warmUpSeconds: 0.5, authorized: true }],
          people: { secret, claims: { role: "user" }, count: 7 },
        });
        expect(facts.api).toMatchObject({ requests: 20 });
        expect(requests).toBe(30);
        expect(people.size).toBe(7);
      },
    );
  });

  it("is inconclusive about the database where nothing records its statements", async () => {
    const databaseUrl = await newDatabase();
    await withServer(
      (_request, response) => void response.end("ok"),
      async (url) => {
        const { seen } = await runStep(step, {
          targets: [{ ...quick, url, perSecond: 5 }],
          database: { maximumMeanMilliseconds: 10 },
          databaseUrl,
        });
        expect(seen("database-mean").result).toBe("inconclusive");
        expect(seen("database-mean").observed).toContain("pg_stat_statements");
      },
    );
  });

  it("takes a baseline of what runs, and none where nothing does", async () => {
    await withServer(
      (_request, response) => void response.end("# TYPE x gauge\nx 3\n"),
      async (url) => {
        const measures = {
          x: { prometheus: { url, metric: "x" } },
          closed: { prometheus: { url: "http://127.0.0.1:1/", metric: "x" } },
        };
        const closed = { ...quick, name: "closed", url: "http://127.0.0.1:1/" };
        const { seen, facts } = await runStep(baseline, { targets: [{ ...quick, url }, closed], measures });
        expect(facts).toMatchObject({ latency: { api: expect.any(Number) }, measures: { x: 3 } });
        expect(seen("latency-closed").observed).toContain("nothing runs before this release");
      },
    );
  });

  it("is taken once for a release: an update after it finds the new release, which is no time before", async () => {
    let figure = 3;
    await withServer(
      (_request, response) => void response.end(`# TYPE x gauge\nx ${figure}\n`),
      async (url) => {
        const given = { measures: { x: { prometheus: { url, metric: "x" } } }, triggers: ["1.1.0"] };
        const health = [{ name: "backend", url, expect: { text: { contains: "x 9" } } }];
        const before = await runStep(baseline, { ...given, health });
        figure = 9;
        const after = await runStep(baseline, { ...given, health }, { previous: before.facts });
        expect(after.facts).toEqual(before.facts);
        expect(after.observations).toEqual(before.observations);
        expect(before.seen("health-backend").result).toBe("failed");
        const next = { ...given, health, triggers: ["1.2.0"] };
        const later = await runStep(baseline, next, { previous: after.facts });
        expect(later.facts).toMatchObject({ measures: { x: 9 } });
        expect(later.seen("health-backend").result).toBe("passed");
      },
    );
  });

  it("is not taken for none where figures of an update cannot be had", async () => {
    const url = "http://127.0.0.1:1/";
    const given = { targets: [{ ...quick, url }], measures: { x: { prometheus: { url, metric: "x" } } } };
    const results = async (previous?: Facts) =>
      (await runStep(baseline, given, previous ? { previous } : {})).observations.map(({ result }) => result);
    expect(await results()).toEqual(["passed", "passed"]);
    expect(await results({ latency: {}, measures: {} })).toEqual(["inconclusive", "inconclusive"]);
  });

  it("is none where the release that runs answers with errors, and then the next one is not compared with it", async () => {
    let failing = 100;
    let sent = 0;
    await withServer(
      (_request, response) => {
        response.statusCode = sent++ % 100 < failing ? 503 : 200;
        response.end("x");
      },
      async (url) => {
        const target = { ...quick, url, perSecond: 100, seconds: 1, warmUpSeconds: 0 };
        const take = async (previous?: Facts) =>
          runStep(baseline, { targets: [target] }, previous ? { previous } : {});
        const before = await take({ latency: {}, measures: {} });
        expect(before.seen("latency-api")).toMatchObject({
          result: "inconclusive",
          observed: "100 of 100 requests failed, want at most 5 %: 100 status 503",
        });
        expect(before.facts).toMatchObject({ latency: {}, untaken: ["api"] });
        expect((await take()).seen("latency-api")).toMatchObject({
          result: "passed",
          observed: expect.stringContaining("nothing runs before this release: 100 of 100 requests failed"),
        });
        failing = 4;
        expect((await take({ latency: {}, measures: {} })).facts).toMatchObject({
          latency: { api: expect.any(Number) },
          untaken: [],
        });
        const { seen } = await runStep(step, {
          targets: [{ ...target, maximumBaselineRatio: 1000 }],
          untaken: ["api"],
        });
        expect(seen("api-baseline").result).toBe("inconclusive");
      },
    );
  });

  it("looks before a release whether the one that runs is healthy, and at a first release whether any runs", async () => {
    const expected = { status: 200, json: { "$.error_rate_percent": { atMost: 0.49 } } };
    const looks: string[] = [];
    for (const rate of [0.49, 0.5])
      await withServer(
        (_request, response) => {
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify({ error_rate_percent: rate }));
        },
        async (url) => {
          const { seen } = await runStep(baseline, { health: [{ name: "backend", url, expect: expected }] });
          looks.push(seen("health-backend").result);
        },
      );
    const gone = { health: [{ name: "backend", url: "http://127.0.0.1:1/", expect: expected }] };
    const first = await runStep(baseline, gone);
    const later = await runStep(baseline, gone, { previous: { latency: {}, measures: {} } });
    looks.push(first.seen("health-backend").result, later.seen("health-backend").result);
    expect(looks).toEqual(["passed", "failed", "notApplicable", "failed"]);
  });

  it.each([
    [{ perSecond: 5000 }, { perSecond: 5001 }],
    [{ seconds: 0.5 }, { seconds: 0.4 }],
    [{ p95: 0.1 }, { p95: 0 }],
    [{ maximumFailurePercent: 100 }, { maximumFailurePercent: 100.1 }],
    [{ status: [200, 404] }, { status: [404, 200] }],
    [{ timeoutSeconds: 600 }, { timeoutSeconds: 601 }],
  ])("accepts %j and refuses %j", (good, bad) => {
    const target = { name: "api", url: "http://127.0.0.1/" };
    expect(inputFaults(step, { targets: [{ ...target, ...good }] })).toEqual([]);
    expect(inputFaults(step, { targets: [{ ...target, ...bad }] })).toHaveLength(1);
  });
});
