// The security check against a small application that can be wrong in each way.
import { jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { judgeStatuses } from "../../checks/security/rate-limit.ts";
import { step } from "../../checks/security.ts";
import { newDatabase, query } from "./support/database.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, type Ran, runStep } from "./support/run-step.ts";

const SECRET = "a signing key of the test, long enough";
const ORIGIN = "https://app.example.com";
const faults = new Set<string>();
let counts = new Map<string, number>();
let written = 0;

beforeEach(() => {
  counts = new Map();
  written = 0;
});
afterEach(() => faults.clear());

const DOCUMENT = {
  openapi: "3.0.0",
  paths: {
    "/health": { get: {} },
    "/jobs": { get: {}, post: { requestBody: { content: { "application/json": {} } } } },
    "/jobs/{id}": { delete: {} },
  },
};

async function personOf(authorization = ""): Promise<string | undefined> {
  if (faults.has("any-signature") && authorization) return authorization;
  try {
    const { payload } = await jwtVerify(authorization.slice(7), new TextEncoder().encode(SECRET));
    return payload.sub;
  } catch {
    return undefined;
  }
}

/** An application with the given faults under test. */
function application(work: (url: string) => Promise<Ran>): Promise<Ran> {
  return withServer(async (request, response, body) => {
    const { method = "", headers } = request;
    const path = request.url ?? "";
    if (headers["x-forwarded-proto"] === "http" && !faults.has("no-redirect"))
      return answer(response, 308, {}, { location: `${ORIGIN}${path}` });
    const allowed = faults.has("cors-open")
      ? "*"
      : headers.origin === ORIGIN && !faults.has("cors-closed")
        ? ORIGIN
        : undefined;
    if (allowed) response.setHeader("access-control-allow-origin", allowed);
    if (!faults.has("no-hsts"))
      response.setHeader("strict-transport-security", "max-age=31536000; includeSubDomains");
    if (method === "OPTIONS" || path === "/health") return answer(response, 200, {});
    if (path === "/openapi.json") return answer(response, 200, DOCUMENT);
    const person = await personOf(headers.authorization);
    if (!person && !(faults.has("open-route") && method === "DELETE")) return answer(response, 401, {});
    const count = (counts.get(person ?? "") ?? 0) + 1;
    counts.set(person ?? "", count);
    if (count > (faults.has("late-limit") ? 6 : 5)) return answer(response, 429, {}, { "retry-after": "1" });
    if (method !== "POST") return answer(response, 200, {});
    if (body.length > 2000) return answer(response, faults.has("any-size") ? 201 : 413, {});
    const value = parsed(body);
    if (value === undefined) return answer(response, faults.has("crash") ? 500 : 400, {});
    if (faults.has("any-type")) written += 1;
    return answer(response, typeof value === "object" || faults.has("any-type") ? 201 : 400, {});
  }, work);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const judge = () =>
  application((baseUrl) =>
    runStep(step, {
      baseUrl,
      token: { secret: SECRET, claims: { role: "operator" } },
      headers: { path: "/health", expect: { "Strict-Transport-Security": { contains: "max-age=31536000" } } },
      redirect: { url: `${baseUrl}/health`, headers: { "x-forwarded-proto": "http" } },
      cors: { path: "/health", allowedOrigins: [ORIGIN] },
      rateLimit: { path: "/jobs", requests: 5, windowSeconds: 30 },
      routes: { document: "/openapi.json", public: ["GET /health"], oversizedBytes: 4000 },
    }),
  );

describe("security", () => {
  it("passes on an application that is right in every way", async () => {
    const { observations } = await judge();
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "headers passed",
      "header-strict-transport-security passed",
      "https-redirect passed",
      "cors-allow passed",
      "cors-deny passed",
      "rate-limit passed",
      "authentication passed",
      "forged-token passed",
      "broken-json passed",
      "wrong-type passed",
      "oversized passed",
    ]);
    expect(written).toBe(0);
  });

  it.each([
    [
      "no-hsts",
      ["headers", "header-strict-transport-security"],
      'header strict-transport-security: nothing, want contains "max-age=31536000"',
    ],
    ["no-redirect", ["https-redirect"], "status 200, location none"],
    ["cors-open", ["cors-allow", "cors-deny"], "*, *"],
    ["cors-closed", ["cors-allow"], "none, none"],
    ["late-limit", ["rate-limit"], "no 429 in 6 requests"],
    ["open-route", ["authentication"], "DELETE /jobs/{id}: status 200"],
    ["any-signature", ["forged-token"], "status 200"],
    ["crash", ["broken-json"], "POST /jobs: status 500"],
    ["any-type", ["wrong-type"], "POST /jobs: status 201"],
    ["any-size", ["oversized"], "POST /jobs: status 201"],
  ])("fails exactly where the application has the fault %s", async (fault, ids, observed) => {
    faults.add(fault);
    const { observations } = await judge();
    const failed = observations.filter(({ result }) => result === "failed");
    expect(failed.map(({ id }) => id)).toEqual(ids);
    expect(failed[0]?.observed).toContain(observed);
  });

  it("sees requests let through again after the window", async () => {
    const { seen } = await application((baseUrl) => {
      const rateLimit = { path: "/jobs", requests: 5, windowSeconds: 1, recovers: true };
      return runStep(step, { baseUrl, token: { secret: SECRET }, rateLimit });
    });
    expect(seen("rate-limit").result).toBe("passed");
    // This application never forgets a count.
    expect(seen("rate-limit-recovers")).toMatchObject({ result: "failed", observed: "status 429 after 1 s" });
  });

  it("fails when the list of public routes names one that does not exist", async () => {
    const { seen } = await application((baseUrl) =>
      runStep(step, {
        baseUrl,
        token: { secret: SECRET },
        routes: { document: "/openapi.json", public: ["GET /health", "GET /gone"] },
      }),
    );
    expect(seen("authentication").observed).toBe("GET /gone: public, but not in the document");
    expect(seen("authentication").result).toBe("failed");
  });

  it("waits with the forged token, too, where strangers share a limit that is used up", async () => {
    let strangers = 0;
    const { seen } = await withServer(
      (request, response) => {
        if (request.url === "/openapi.json") return answer(response, 200, DOCUMENT);
        strangers += 1;
        // Of the three closed routes the last request uses the limit up.
        return strangers === 4
          ? answer(response, 429, {}, { "retry-after": "1" })
          : answer(response, 401, {});
      },
      (baseUrl) =>
        runStep(step, {
          baseUrl,
          token: { secret: SECRET },
          routes: { document: "/openapi.json", public: ["GET /health"] },
        }),
    );
    expect(seen("authentication").result).toBe("passed");
    expect(seen("forged-token")).toMatchObject({ result: "passed", observed: "status 401" });
  });

  it("keeps rows that are compared out of the evidence, and shows a count", async () => {
    const databaseUrl = await newDatabase();
    await query(
      databaseUrl,
      "create table people as select n as id, 'ana' || n || '@example.org' as mail from generate_series(1, 9) n",
    );
    const noRowWritten = async (sql: string) => {
      counts = new Map();
      const { seen } = await application((baseUrl) =>
        runStep(step, {
          baseUrl,
          token: { secret: SECRET },
          routes: { document: "/openapi.json", public: ["GET /health"] },
          unchanged: { databaseUrl, query: sql },
        }),
      );
      return seen("no-row-written");
    };
    const rows = await noRowWritten("select mail from people where id = 1");
    expect(rows).toMatchObject({
      result: "passed",
      observed: expect.stringMatching(/^rows of SHA-256 [0-9a-f]{12}$/),
    });
    expect(JSON.stringify(rows)).not.toContain("ana1");
    expect((await noRowWritten("select count(*) from people")).observed).toBe('[{"count":"9"}]');
  });

  it("throws without a document of the routes", async () => {
    const run = application((baseUrl) => runStep(step, { baseUrl, routes: { document: "/health" } }));
    await expect(run).rejects.toThrow('openapi "/health": status 200, want 200 with an OpenAPI document');
  });

  it("judges the request at which the limit came on both sides, and too slow a run not at all", () => {
    const wanted = { path: "/", requests: 3, windowSeconds: 60, recovers: false };
    expect(judgeStatuses([200, 200, 200, 429], 1, wanted).result).toBe("passed");
    expect(judgeStatuses([200, 200, 429], 1, wanted)).toMatchObject({
      result: "failed",
      observed: "429 at request 3 in 1.0 s",
    });
    expect(judgeStatuses([200, 200, 200, 200], 1, wanted).result).toBe("failed");
    expect(judgeStatuses([200, 200, 200, 200], 61, wanted).result).toBe("inconclusive");
    expect(judgeStatuses([200, 200, 200, 429], 60, wanted).result).toBe("passed");
    expect(judgeStatuses([200, 200, 200, 429], 61, wanted).result).toBe("inconclusive");
    expect(judgeStatuses([200, 200, 429], 61, wanted).result).toBe("failed");
    expect(judgeStatuses([200, 500, 200, 429], 1, wanted).observed).toContain("status 500 before the limit");
  });

  it.each([
    [{ rateLimit: { path: "/", requests: 1 } }, { rateLimit: { path: "/", requests: 0 } }],
    [{ token: { secret: "x".repeat(16) } }, { token: { secret: "x".repeat(15) } }],
    [{ routes: { oversizedBytes: 1024 } }, { routes: { oversizedBytes: 1023 } }],
    [{ routes: { public: ["GET /a"] } }, { routes: { public: ["/a"] } }],
  ])("accepts %o and refuses %o", (good, bad) => {
    expect(inputFaults(step, { baseUrl: "http://127.0.0.1", ...good })).toEqual([]);
    expect(inputFaults(step, { baseUrl: "http://127.0.0.1", ...bad })).toHaveLength(1);
  });
});
