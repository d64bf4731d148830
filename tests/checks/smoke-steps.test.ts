// Single steps of smoke journeys, against a server of the test's own.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { step } from "../../checks/smoke.ts";
import { answer, withServer } from "./support/http-server.ts";
import { type Ran, runStep } from "./support/run-step.ts";

let file = "";
const folder = mkdtemp(join(tmpdir(), "greenlight-smoke-steps-"));
beforeAll(async () => {
  file = join(await folder, "journeys.yaml");
});
afterAll(async () => rm(await folder, { recursive: true, force: true }));

const journey = (steps: string, cleanup = "") =>
  `  - { name: order, title: an order, steps: [${steps}], cleanup: [${cleanup}] }\n`;

interface Seen extends Ran {
  requests: string[];
}

/** The server answers `{ id: "a(b" }`, to `/slow` after 0.4 s and to `/never` not at all; it has no messages. */
async function run(journeys: string, signal = AbortSignal.timeout(30_000)): Promise<Seen> {
  await writeFile(file, `journeys:\n${journeys}`);
  const requests: string[] = [];
  return withServer(
    async ({ method, url = "" }, response) => {
      requests.push(`${method} ${url}`);
      if (url === "/never") return;
      if (url === "/slow") await new Promise((resolve) => setTimeout(resolve, 400));
      answer(response, url === "/refused" ? 503 : 200, url.startsWith("/messages") ? [] : { id: "a(b" });
    },
    async (baseUrl) => ({
      ...(await runStep(step, { file, baseUrl, sinkUrl: baseUrl }, { signal })),
      requests,
    }),
  );
}

const CREATE = "{ name: create, request: { method: POST, path: /orders }, capture: { id: $.id } }";
const REMOVE = "{ name: remove, request: { method: DELETE, path: /orders/1 } }";

describe("a step of a journey", () => {
  it("that cannot be judged has failed, and what the journey made is removed all the same", async () => {
    const look =
      "{ name: look, request: { path: /orders }, expect: { json: { $.id: { matches: '^${id}$' } } } }";
    const { seen, requests } = await run(
      journey(`${CREATE}, ${look}`, REMOVE) + journey(CREATE).replace("order,", "other,"),
    );
    expect(seen("order-look")).toMatchObject({
      result: "failed",
      observed: expect.stringContaining("must be a regular expression"),
    });
    expect(seen("order-cleanup").result).toBe("passed");
    expect(requests.at(-2)).toBe("DELETE /orders/1");
    expect(seen("other").result).toBe("passed");
  });

  it("that looks for messages wants one, where it says nothing else", async () => {
    const told = (expectation: string) =>
      journey(`{ name: told, sink: { kind: mail, contains: x }${expectation} }`);
    const { seen } = await run(told(""));
    expect(seen("order-told")).toMatchObject({
      result: "failed",
      expected: 'mail at the sink: $.count {"atLeast":1}',
      observed: "$.count: 0, want at least 1",
    });
    const silent = await run(told(", expect: { json: { $.count: 0 } }"));
    expect(silent.seen("order-told").result).toBe("passed");
  });

  it("that was as wanted too late has failed", async () => {
    const slow = (waitSeconds: number) =>
      journey(`{ name: slow, request: { path: /slow }, waitSeconds: ${waitSeconds} }`);
    const late = (await run(slow(0.2))).seen("order-slow");
    expect(late).toMatchObject({ result: "failed", expected: expect.stringContaining("within 0.2 s") });
    expect(late.observed).toMatch(/^status 200 in 4\d\d ms, too late after 0\.\d s$/);
    expect((await run(slow(5))).seen("order-slow").result).toBe("passed");
  });

  it("that the server answers with its token shows none of it", async () => {
    const echoed = `tokens: { user: { secret: key, claims: { role: operator }, expiresInSeconds: 86400 } }
journeys:
  - { name: echo, title: an echo, steps: [{ name: refused, request: { path: /echo, token: user } }] }
`;
    await writeFile(file, echoed);
    const { observations } = await withServer(
      ({ headers }, response) => answer(response, 500, { got: headers.authorization }),
      (baseUrl) => runStep(step, { file, baseUrl, secrets: { key: "a signing key of the test" } }),
    );
    expect(JSON.stringify(observations)).toContain("Bearer [secret]");
    expect(JSON.stringify(observations)).not.toContain("eyJ");
  });

  it("of the clean-up that was left out has proven nothing", async () => {
    const remove = "{ name: remove, request: { method: DELETE, path: '/orders/${id}' } }";
    const { seen } = await run(journey(CREATE.replace("/orders", "/refused"), remove));
    expect(seen("order-cleanup")).toMatchObject({
      result: "inconclusive",
      observed: "0 of 1 steps run; not run for want of what the journey did not see: remove",
    });
  });

  it("that hangs costs the evidence of no other, though every clean-up hangs as well", async () => {
    const never = "{ name: never, request: { path: /never } }";
    const names = ["first", "second", "third"];
    const journeys = names.map((name) => journey(never, never).replace("name: order", `name: ${name}`));
    const started = performance.now();
    const { observations } = await run(journeys.join(""), AbortSignal.timeout(300));
    // The step is given 5 s after its deadline.
    expect(performance.now() - started).toBeLessThan(4_900);
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "first failed",
      "first-never failed",
      "first-cleanup failed",
      "second failed",
      "second-never failed",
      "second-cleanup inconclusive",
      "third failed",
      "third-never failed",
      "third-cleanup inconclusive",
      "duration passed",
    ]);
  });
});

describe("a journey file", () => {
  const plan = async (journeys: string, inputs: object = {}) => {
    await writeFile(file, `journeys:\n${journeys}`);
    const context = { name: "s", log: () => {}, signal: AbortSignal.timeout(5_000), previous: undefined };
    return step.plan?.({ file, ...inputs }, context);
  };
  const faulty = journey(
    "{ name: a, title: 'of ${nobody}', request: { path: /, token: nobody }, capture: { id: '$.list[${at}]' } }, { name: b, sql: { query: select 1 }, expect: { status: 200 } }",
  );

  it("is refused in the preview, as far as is known there", async () => {
    const faults = [
      'order.a: token "nobody" is not in tokens',
      'order.a: json path "$.list[${at}]": not understood from "[${at}]"; write $.name or $[0]',
      "order.b: expects a status, which only an answer to a request has",
    ];
    await expect(plan(faulty)).rejects.toThrow(`journeys "${file}": ${faults.join("; ")}`);
    await expect(plan(faulty, { secrets: { key: "a secret" } })).rejects.toThrow(
      'order.a: "${nobody}" has no value before this step',
    );
    await expect(plan(journey(CREATE), { only: ["other"] })).rejects.toThrow(
      'journey "other": not in the file, want one of order',
    );
    const database = journey("{ name: rows, sql: { query: 'select ${secret}' } }");
    expect(await plan(database)).toEqual(["journey order: an order (1 steps)"]);
  });
});
