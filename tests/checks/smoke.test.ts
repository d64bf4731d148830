// Smoke journeys against a small application on the real PostgreSQL, Redis and message sink.
import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { withDatabase } from "../../checks/database.ts";
import { openRedis } from "../../checks/redis-client.ts";
import { step as security } from "../../checks/security.ts";
import { readJourneys } from "../../checks/smoke/journey.ts";
import { lintJourneys } from "../../checks/smoke/lint.ts";
import { namesIn, substitute } from "../../checks/smoke/substitution.ts";
import { step } from "../../checks/smoke.ts";
import { redactor } from "../../checks/step/redaction.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, type Ran, runStep } from "./support/run-step.ts";

const SECRET = "the signing key of the smoke test";
const signal = AbortSignal.timeout(300_000);
let environment: { [name: string]: string } = {};
let folder = "";
let faults: string[] = [];
let removed: string[] = [];
let expire = new AbortController();

beforeAll(async () => {
  environment = servicesEnvironment(await sharedServices());
  Object.assign(process.env, environment);
  folder = await mkdtemp(join(tmpdir(), "greenlight-smoke-"));
  await database(
    "create table if not exists smoke_test_jobs (id text primary key, state text, at timestamptz default now())",
  );
});
afterAll(async () => {
  await database("drop table smoke_test_jobs");
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  faults = [];
  removed = [];
  expire = new AbortController();
});

const database = (query: string, values: unknown[] = []) =>
  withDatabase(environment.GREENLIGHT_DATABASE_URL ?? "", { application: "test", signal }, (client) =>
    client.query(query, values),
  );

const JOURNEYS = `
tokens:
  user: { secret: jwtSecret, claims: { sub: "\${run}", role: user } }
variables: { colour: green }
journeys:
  - name: job
    title: a job is enqueued, done, counted and told
    steps:
      - name: enqueue
        title: enqueue a job
        request: { method: POST, path: /jobs, token: user, body: { name: "\${run}", colour: "\${colour}", release: "\${release}" } }
        expect: { status: 201, json: { $.state: pending, $.count: { atLeast: 1 } }, headers: { content-type: { contains: json } } }
        capture: { jobId: $.id, count: $.count }
      - name: done
        request: { path: "/jobs/\${jobId}", token: user }
        expect: { json: { $.state: done, $.count: "\${count}" } }
        waitSeconds: 5
        everySeconds: 0.05
      - name: row
        sql: { query: "select state, at from smoke_test_jobs where id = $1", parameters: ["\${jobId}"] }
        expect: { json: { $.count: 1, "$.rows[0].state": done, "$.rows[0].at": { matches: "^20" } } }
      - name: counter
        redis: { command: [GET, "smoke-test:\${jobId}"] }
        expect: { json: { $.reply: "1" } }
      - name: told
        sink: { kind: webhook, contains: "job \${jobId}" }
        expect: { json: { $.count: 1, "$.messages[0].json.colour": green } }
        waitSeconds: 5
    cleanup:
      - name: remove
        request: { method: DELETE, path: "/jobs/\${jobId}", token: user }
        expect: { status: 204 }
  - name: health
    title: the application answers
    steps:
      - name: answer
        request: { path: /health }
        expect: { status: 200, atMostMilliseconds: 5000 }
`;

/** The application of the journeys, on the real stores; each fault makes one part of it wrong. */
async function run(text = JOURNEYS, change: object = {}, deadline = signal): Promise<Ran> {
  const file = join(folder, "journeys.yaml");
  await writeFile(file, text);
  const redis = await openRedis(environment.GREENLIGHT_REDIS_URL ?? "", {
    caFile: environment.GREENLIGHT_CA_FILE,
    signal: AbortSignal.timeout(60_000),
  });
  let looks = 0;
  const id = `id-${Math.random().toString(36).slice(2)}`;
  try {
    return await withServer(
      async (request, response, body) => {
        const { method, url = "" } = request;
        if (url === "/health") return answer(response, 200, {});
        const token = request.headers.authorization?.slice(7) ?? "";
        const known = await jwtVerify(token, new TextEncoder().encode(SECRET)).catch(() => undefined);
        if (!known) return answer(response, 401, { error: "who are you?" });
        if (method === "DELETE") {
          removed.push(url);
          return answer(response, faults.includes("stays") ? 500 : 204, undefined);
        }
        if (method === "GET" && faults.includes("deadline"))
          expire.abort(new Error("not finished after 9 s"));
        if (method === "GET")
          return answer(response, 200, {
            state: ++looks < 3 || faults.includes("stuck") ? "pending" : "done",
            count: 1,
          });
        const state = faults.includes("row") ? "lost" : "done";
        await database("insert into smoke_test_jobs (id, state) values ($1, $2)", [id, state]);
        if (!faults.includes("counter")) await redis.send(["INCR", `smoke-test:${id}`]);
        if (!faults.includes("silent"))
          await fetch(`${environment.GREENLIGHT_SINK_URL}/hooks/smoke-test`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ text: `job ${id}`, colour: JSON.parse(body).colour }),
          });
        return answer(response, faults.includes("refuse") ? 503 : 201, { id, state: "pending", count: 1 });
      },
      (baseUrl) =>
        runStep(
          step,
          {
            file,
            baseUrl,
            release: "1.2.3",
            secrets: { jwtSecret: SECRET },
            databaseUrl: environment.GREENLIGHT_DATABASE_URL,
            redisUrl: environment.GREENLIGHT_REDIS_URL,
            redisCaFile: environment.GREENLIGHT_CA_FILE,
            sinkUrl: environment.GREENLIGHT_SINK_URL,
            ...change,
          },
          { signal: deadline },
        ),
    );
  } finally {
    redis.close();
  }
}

describe("smoke", () => {
  it("follows a journey over requests, rows, keys and messages, and cleans up", async () => {
    const { observations, lines, facts } = await run();
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "job passed",
      "job-enqueue passed",
      "job-done passed",
      "job-row passed",
      "job-counter passed",
      "job-told passed",
      "job-cleanup passed",
      "health passed",
      "health-answer passed",
      "duration passed",
    ]);
    expect(removed).toHaveLength(1);
    expect(lines[0]).toMatch(/^job passed: 5 of 5 steps as wanted/);
    expect(facts.run).toMatch(/^run-[0-9a-f]{12}$/);
    expect(observations[1]?.expected).toBe(
      'enqueue a job (POST /jobs): status 201, header content-type {"contains":"json"}, $.state "pending", $.count {"atLeast":1}',
    );
  });

  it.each([
    ["refuse", "enqueue", 'status: 503 ({"id":'],
    ["row", "row", '$.rows[0].state: "lost", want "done"'],
    ["counter", "counter", '$.reply: null, want "1"'],
  ])("fails at the step that sees the fault %s, and not at others", async (fault, name, observed) => {
    faults = [fault];
    const { seen, observations } = await run();
    expect(seen(`job-${name}`)).toMatchObject({ result: "failed" });
    expect(seen(`job-${name}`).observed).toContain(observed);
    expect(observations.filter(({ result }) => result === "failed").map(({ id }) => id)).toEqual([
      "job",
      `job-${name}`,
    ]);
    expect(seen("health").result).toBe("passed");
  });

  it.each([
    ["stuck", "done", '$.state: "pending", want "done" after 0.'],
    ["silent", "told", "$.count: 0, want 1; $.messages[0].json.colour: nothing"],
  ])("fails when a wait for the fault %s runs out", async (fault, name, observed) => {
    faults = [fault];
    const { seen } = await run(JOURNEYS.replaceAll("waitSeconds: 5", "waitSeconds: 0.8"));
    expect(seen(`job-${name}`)).toMatchObject({ result: "failed" });
    expect(seen(`job-${name}`).observed).toContain(observed);
  });

  it("reports the steps after a failed one as not run, and still cleans up what was captured", async () => {
    faults = ["row"];
    const { seen } = await run();
    expect(seen("job-counter")).toMatchObject({ result: "inconclusive", observed: "not run: row failed" });
    expect(seen("job-cleanup").result).toBe("passed");
    expect(removed).toHaveLength(1);
  });

  it("leaves a clean-up out whose name was never captured", async () => {
    faults = ["refuse"];
    const { seen } = await run();
    expect(seen("job-cleanup").observed).toBe(
      "0 of 1 steps run; not run for want of what the journey did not see: remove",
    );
    expect(removed).toEqual([]);
  });

  it("fails when the clean-up fails", async () => {
    faults = ["stays"];
    const { seen } = await run();
    expect(seen("job-cleanup")).toMatchObject({ result: "failed" });
    expect(seen("job-cleanup").observed).toMatch(/^remove: status: 500/);
  });

  it("keeps what was seen, and cleans up, when the deadline comes in the middle of a journey", async () => {
    faults = ["deadline", "stuck"];
    const { seen } = await run(JOURNEYS, {}, expire.signal);
    expect(seen("job-enqueue").result).toBe("passed");
    expect(seen("job-done")).toMatchObject({ result: "failed", observed: "stopped: not finished after 9 s" });
    expect(seen("job-cleanup").result).toBe("passed");
    expect(seen("health-answer").result).toBe("failed");
    expect(removed).toHaveLength(1);
  });

  const STEPS = (first: string) => `
journeys:
  - name: rows
    title: a row is counted
    steps:
      - { name: first, ${first} }
    cleanup:
      - { name: last, sql: { query: "select 1" } }`;

  it.each([
    ["statement", 'sql: { query: "select pg_sleep(60)" }'],
    ["command", "redis: { command: [BLPOP, smoke-test-nothing, '60'] }"],
  ])("keeps what was seen, and cleans up, when the deadline comes during a %s", async (_what, first) => {
    const deadline = AbortSignal.timeout(1_000);
    const { seen } = await run(STEPS(first), {}, deadline);
    expect(seen("rows-first")).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^stopped: /),
    });
    expect(seen("rows-cleanup").result).toBe("passed");
    const { rows } = await database(
      "select from pg_stat_activity where application_name = 'greenlight/smoke' and query like '%pg_sleep%'",
    );
    expect(rows).toEqual([]);
  });

  it("waits for a database that comes back, and is not held by a session that was lost", async () => {
    const name = `smoke_${Math.random().toString(36).slice(2)}`;
    const url = new URL(environment.GREENLIGHT_DATABASE_URL ?? "");
    url.pathname = `/${name}`;
    const first = 'sql: { query: "select 1" }, waitSeconds: 10, everySeconds: 0.1';
    const made = setTimeout(1_000).then(() => database(`create database ${name}`));
    const there = await run(STEPS(first), { databaseUrl: url.href });
    await made;
    expect(there.seen("rows-first").result).toBe("passed");
    const lost = await run(STEPS('sql: { query: "select pg_terminate_backend(pg_backend_pid())" }'), {
      databaseUrl: url.href,
    });
    await database(`drop database ${name}`);
    expect(lost.seen("rows-first").result).toBe("failed");
    expect(lost.seen("rows-cleanup").result).toBe("passed");
  });

  it("fails when another key signed the tokens, and shows neither key nor token", async () => {
    const ran = await run(JOURNEYS, { secrets: { jwtSecret: "another signing key" } });
    expect(ran.seen("job-enqueue").observed).toContain("status: 401");
    expect(JSON.stringify(ran)).not.toContain("another signing key");
    expect(JSON.stringify(ran)).not.toContain("eyJ");
  });

  it("signs a body with a secret and sends one where it is named, and shows neither", async () => {
    const text = `
journeys:
  - name: webhook
    title: a provider registers an address and delivers a signed message
    steps:
      - { name: registration, request: { path: "/register?token=\${verifyToken}" } }
      - name: message
        request:
          method: POST
          path: /messages
          rawBody: '{"id":"\${run}"}'
          signature: { header: x-signature, prefix: "sha256=", secret: appSecret }
      - { name: echo, request: { path: /wrong }, expect: { json: { $.token: "\${verifyToken}" } } }`;
    const file = join(folder, "signed.yaml");
    await writeFile(file, text);
    const secrets = { verifyToken: "shown at registration", appSecret: "signs every call" };
    const got: string[] = [];
    const ran = await withServer(
      (request, response, body) => {
        const right = `sha256=${createHmac("sha256", secrets.appSecret).update(body).digest("hex")}`;
        if (body !== "") got.push(String(request.headers["x-signature"] === right));
        else got.push(decodeURIComponent(request.url ?? ""));
        return answer(response, 200, { token: "another one" });
      },
      (baseUrl) => runStep(step, { file, baseUrl, secrets }),
    );
    expect(got).toEqual(["/register?token=shown at registration", "true", "/wrong"]);
    expect(ran.seen("webhook-message").result).toBe("passed");
    expect(ran.seen("webhook-echo")).toMatchObject({ result: "failed" });
    const given = step.inputs().parse({ file, baseUrl: "http://127.0.0.1", secrets });
    const kept = JSON.stringify(redactor(step.secrets?.(given) ?? [])(ran));
    expect(kept).not.toMatch(/shown at registration|signs every call/);
  });

  it("fails when nothing answers", async () => {
    const { seen } = await run(JOURNEYS, { baseUrl: "http://127.0.0.1:1" });
    expect(seen("health-answer").observed).toContain("ECONNREFUSED");
    expect(seen("health").result).toBe("failed");
  });

  it("fails when the suite takes longer than it may", async () => {
    faults = ["stuck"];
    const { seen } = await run(JOURNEYS.replaceAll("waitSeconds: 5", "waitSeconds: 1.3"), {
      suiteSeconds: 1,
    });
    expect(seen("duration").result).toBe("failed");
  });

  it("refuses a file with unknown names, tokens, secrets and repeated ids before anything is sent", async () => {
    const text = `
tokens: { user: { secret: other } }
journeys:
  - name: a
    title: t
    steps:
      - { name: b, request: { path: "/\${late}", token: nobody }, capture: { id: "$..x" } }
      - { name: c, sql: { query: select 1 } }
      - { name: d, request: { path: /, signature: { header: x, secret: key } } }
  - { name: a, title: t, steps: [{ name: b, request: { path: / } }] }`;
    await expect(run(text, { databaseUrl: undefined })).rejects.toThrow(
      [
        'token user: secret "other" is not among the stack\'s (jwtSecret)',
        'a.b: "${late}" has no value before this step',
        'a.b: token "nobody" is not in tokens',
        'a.b: json path "$..x": not understood from "..x"; write $.name or $[0]',
        "a.c: needs databaseUrl, which this stack does not give",
        'a.d: secret "key" is not among the stack\'s (jwtSecret)',
        'observation id "a" occurs twice',
        'observation id "a-b" occurs twice',
      ].join("; "),
    );
  });

  it("names every fault of a file's format", async () => {
    const file = join(folder, "bad.yaml");
    await writeFile(file, "journeys: [{ name: A, title: t, steps: [{ name: b }], extra: 1 }]");
    await expect(readJourneys(file)).rejects.toThrow(
      /journeys.0.name: must be kebab-case.*exactly one of request, sql/,
    );
  });

  it("shows the journeys in a preview", async () => {
    const file = join(folder, "journeys.yaml");
    await writeFile(file, JOURNEYS);
    const context = { name: "s", log: () => {}, signal, previous: undefined };
    expect(await step.plan?.({ file }, context)).toEqual([
      "journey job: a job is enqueued, done, counted and told (5 steps)",
      "journey health: the application answers (1 steps)",
    ]);
  });

  it("finds nothing wrong in the example's journeys", async () => {
    const file = await readJourneys("examples/hv-consultores/smoke/journeys.yaml");
    const provided = {
      variables: ["webhookUrl"],
      secrets: ["jwtSecret"],
      database: true,
      redis: true,
      sink: true,
    };
    expect(lintJourneys(file, provided)).toEqual([]);
  });

  it.each([
    ["https://app.example.com", 0],
    ["https://tester:word@app.example.com:8443/", 0],
    ["https://app.example.com/shop", 1],
    ["https://app.example.com/?a=b", 1],
    ["https://app.example.com/#a", 1],
  ])("has of the address %s, whose path each request would drop, %i faults", (address, faults) => {
    expect(inputFaults(step, { file: "a", baseUrl: address })).toHaveLength(faults);
    expect(inputFaults(security, { baseUrl: address })).toHaveLength(faults);
  });

  it("accepts a suite of 1 to 3600 seconds and refuses others", () => {
    const base = { file: "a", baseUrl: "http://127.0.0.1" };
    expect(inputFaults(step, { ...base, suiteSeconds: 3600 })).toEqual([]);
    expect(inputFaults(step, { ...base, suiteSeconds: 3601 })).toHaveLength(1);
    expect(inputFaults(step, { ...base, suiteSeconds: 0.5 })).toHaveLength(1);
  });
});

describe("names in journeys", () => {
  it("keep the type of a value that stands alone, and become text inside text", () => {
    const values = { id: 7, name: "x", list: [1] };
    expect(substitute({ a: "${id}", b: "n ${id} ${name}", "${name}": ["${list}"] }, values)).toEqual({
      a: 7,
      b: "n 7 x",
      x: [[1]],
    });
    expect(namesIn({ a: "${id}", b: ["${name} ${id}"] })).toEqual(["id", "name", "id"]);
    expect(() => substitute("${none}", values)).toThrow('"${none}" has no value');
  });
});
