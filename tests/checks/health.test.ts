import { describe, expect, it } from "vitest";
import { step } from "../../checks/health.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const quick = { consecutive: 3, everySeconds: 0.05, timeoutSeconds: 10, withinSeconds: 1 };

describe("health", () => {
  it("passes when a target answers as wanted three times in a row, also after faults", async () => {
    let looks = 0;
    await withServer(
      (_request, response) => answer(response, ++looks === 2 ? 503 : 200, { status: "ok" }),
      async (url) => {
        const target = { name: "app", url: `${url}/health`, expect: { json: { "$.status": "ok" } } };
        const { seen, facts } = await runStep(step, { ...quick, withinSeconds: 60, targets: [target] });
        expect(seen("app")).toMatchObject({ result: "passed" });
        expect(seen("app").observed).toMatch(/^3 good answers in a row/);
        expect(facts.app).toMatchObject({ looks: 5, faults: 1 });
      },
    );
  });

  it("fails when answers are never good often enough in a row", async () => {
    let looks = 0;
    await withServer(
      (_request, response) => answer(response, ++looks % 3 === 0 ? 500 : 200, {}),
      async (url) => {
        const { seen } = await runStep(step, { ...quick, targets: [{ name: "app", url }] });
        expect(seen("app").result).toBe("failed");
        expect(seen("app").expected).toBe('status "2xx", 3 times in a row within 1 s');
      },
    );
  });

  it("fails when the last of the good answers came too late", async () => {
    await withServer(
      (_request, response) => void setTimeout(() => answer(response, 200, {}), 1_200),
      async (url) => {
        const given = { ...quick, consecutive: 1, targets: [{ name: "app", url }] };
        expect((await runStep(step, given)).seen("app")).toMatchObject({
          result: "failed",
          observed: expect.stringMatching(/^1 good answers in a row after 1\.\d s, too late$/),
        });
        const { seen } = await runStep(step, { ...given, withinSeconds: 10 });
        expect(seen("app").result).toBe("passed");
      },
    );
  });

  it("fails when the body is not as wanted, and shows both", async () => {
    await withServer(
      (_request, response) => answer(response, 200, { status: "degraded" }),
      async (url) => {
        const target = { name: "app", url, expect: { json: { "$.status": "ok" } } };
        const { seen } = await runStep(step, { ...quick, targets: [target] });
        expect(seen("app").observed).toContain('last: $.status: "degraded", want "ok"');
      },
    );
  });

  it("fails when nothing listens, and judges each target by itself", async () => {
    await withServer(
      (_request, response) => answer(response, 200, {}),
      async (url) => {
        const closed = { name: "worker", url: "http://127.0.0.1:1/health" };
        const { seen } = await runStep(step, {
          ...quick,
          withinSeconds: 4,
          targets: [{ name: "app", url }, closed],
        });
        expect(seen("app").result).toBe("passed");
        expect(seen("worker").result).toBe("failed");
        expect(seen("worker").observed).toContain("GET http://127.0.0.1:1/health: connect ECONNREFUSED");
      },
    );
  });

  it.each([
    [{ consecutive: 1 }, { consecutive: 0 }],
    [{ consecutive: 100 }, { consecutive: 101 }],
    [{ withinSeconds: 3600 }, { withinSeconds: 3601 }],
    [{ timeoutSeconds: 60 }, { timeoutSeconds: 60.1 }],
    [{ everySeconds: 0.05 }, { everySeconds: 0.04 }],
  ])("accepts %o and refuses %o", (good, bad) => {
    const targets = [{ name: "app", url: "http://127.0.0.1/health" }];
    expect(inputFaults(step, { targets, ...good })).toEqual([]);
    expect(inputFaults(step, { targets, ...bad })).toHaveLength(1);
  });

  it("says in a preview what will be looked at", async () => {
    const context = { name: "h", log: () => {}, signal: AbortSignal.timeout(5_000), previous: undefined };
    const given = step.inputs().parse({ targets: [{ name: "app", url: "http://127.0.0.1/health" }] });
    expect(await step.plan?.(given, context)).toEqual([
      "app: http://127.0.0.1/health good 3 times in a row within 60 s",
    ]);
  });

  it("refuses a stack with no target and options that do not exist", () => {
    expect(inputFaults(step, { targets: [] })).toHaveLength(1);
    expect(inputFaults(step, { targets: [{ name: "app", url: "http://x" }], retries: 3 })[0]).toContain(
      "retries",
    );
  });
});
