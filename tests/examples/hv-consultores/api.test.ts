// What holds for every route of the API: tokens, roles, validation, limits, headers; the routes come from its own
// description, so a new route is judged without a line here.
import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication, textAt, valueAt } from "./support/application.ts";

const description = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ security: z.array(z.unknown()).optional() }))),
});

/** What may be asked without a token, and why is in the example's README. */
const open = ["GET /api/health", "GET /api/version", "GET /health", "GET /metrics", "POST /api/session"];

let application: TestApplication;
let routes: { method: string; path: string; open: boolean }[];

beforeAll(async () => {
  application = await startApplication(await sharedServices());
  const { paths } = description.parse((await application.call("GET", "/api/openapi.json")).json);
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, randomUUID()),
      open: security?.length === 0,
    })),
  );
});
afterAll(() => application.stop());

describe("the API", () => {
  it("describes its routes and says which need no token", () => {
    const listed = routes.filter((route) => route.open).map((route) => `${route.method} ${route.path}`);
    expect(listed.sort()).toEqual(open);
    expect(routes.length).toBeGreaterThan(30);
  });

  it("refuses every other route without a token", async () => {
    const answers = await Promise.all(
      routes
        .filter((route) => !route.open)
        .map(async ({ method, path }) => {
          const { status } = await application.call(method, path);
          return `${method} ${path} ${status}`;
        }),
    );
    expect(answers.filter((answer) => !/ (401|429)$/.test(answer))).toEqual([]);
    expect(answers.filter((answer) => answer.endsWith(" 401")).length).toBeGreaterThan(20);
  });

  it("answers every route of the description: none is missing, none breaks", async () => {
    for (const { method, path } of routes) {
      const { status } = await application.call(
        method,
        path,
        await application.person("operator"),
        method === "GET" ? undefined : {},
      );
      expect.soft([200, 201, 204, 400, 401, 404], `${method} ${path}`).toContain(status);
    }
  });

  it.each([
    ["another key", (sub: string) => token(sub, "user", "k".repeat(40), "10m")],
    ["an expired one", (sub: string) => token(sub, "user", application.jwtSecret, "-1s")],
    ["the role of the service", (sub: string) => token(sub, "service_role", application.jwtSecret, "10m")],
    ["no time of expiry", (sub: string) => token(sub, "user", application.jwtSecret)],
    ["a subject that is no id", () => token("somebody", "user", application.jwtSecret, "10m")],
  ])("refuses a token with %s", async (_what, make) => {
    const sub = randomUUID();
    const { status } = await application.call("GET", "/api/queue/stats", { sub, token: await make(sub) });
    expect(status).toBe(401);
  });

  it.each([
    ["POST", "/api/queue/process"],
    ["POST", "/api/queue/retry"],
    ["POST", "/api/scheduler/jobs"],
    ["POST", "/api/scheduler/jobs/weekly-cleanup/run"],
    ["DELETE", "/api/scheduler/jobs/weekly-cleanup"],
    ["POST", "/api/users"],
  ])("lets only operators %s %s", async (method, path) => {
    expect((await application.call(method, path, await application.person("user"), {})).status).toBe(403);
  });

  it("lets only operators write to people outside", async () => {
    const body = { tipo: "email", payload: { para: "a@example.org", asunto: "x", texto: "" } };
    expect((await application.call("POST", "/api/queue/jobs", await application.person(), body)).status).toBe(
      403,
    );
  });

  it("refuses what is too large and leaves no row", async () => {
    const person = await application.person();
    const body = { tipo: "notification", payload: { titulo: "x", mensaje: "y".repeat(300_000) } };
    expect((await application.call("POST", "/api/queue/jobs", person, body)).status).toBe(413);
    const left = "SELECT 1 FROM queue_jobs WHERE usuario_id = $1";
    expect(await application.database.query(left, [person.sub])).toEqual([]);
  });

  it.each([
    ["broken JSON", '{"tipo": '],
    ["an unknown kind", { tipo: "nothing", payload: {} }],
    ["a field too many", { tipo: "probe", payload: {}, extra: 1 }],
    ["a wrong type", { tipo: "probe", payload: { duracion_ms: "long" } }],
    ["a value out of bounds", { tipo: "probe", payload: {}, max_reintentos: 21 }],
    ["a kind of the system", { tipo: "cleanup", payload: {} }],
    [
      "a line break in a subject",
      { tipo: "email", payload: { para: "a@b.co", asunto: "x\nBcc: y@z.co", texto: "" } },
    ],
  ])("refuses %s with 400 and leaves no row", async (_what, body) => {
    const person = await application.person("operator");
    expect((await application.call("POST", "/api/queue/jobs", person, body)).status).toBe(400);
    const left = "SELECT 1 FROM queue_jobs WHERE usuario_id = $1";
    expect(await application.database.query(left, [person.sub])).toEqual([]);
  });

  it.each([
    "ftp://example.org/x",
    "not a url",
    "javascript:alert(1)",
  ])("refuses the webhook address %s", async (url) => {
    const answer = await application.call("POST", "/api/webhooks", await application.person(), { url });
    expect(answer.status).toBe(400);
  });

  it("counts requests by person: sixty a minute, then 429 with a time to wait", async () => {
    const person = await application.person();
    const statuses: number[] = [];
    for (let sent = 0; sent < 61; sent++) {
      statuses.push((await application.call("GET", "/api/webhooks", person)).status);
    }
    expect(statuses).toEqual([...Array(60).fill(200), 429]);
    const refused = await application.call("GET", "/api/webhooks", person);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await application.call("GET", "/health", person)).status).toBe(200);
    expect((await application.call("GET", "/api/webhooks", await application.person())).status).toBe(200);
  });

  it("sends what came in as http to https", async () => {
    const answer = await application.call("GET", "/api/version?x=1", undefined, undefined, {
      "x-forwarded-proto": "http",
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([
      308,
      "https://hv-consultores.com/api/version?x=1",
    ]);
  });

  it("says nothing of its inside when it breaks, writes it to the log, and lives on", async () => {
    await application.database.query("ALTER TABLE notifications RENAME TO elsewhere");
    const broken = await application.call("GET", "/api/notifications", await application.person());
    await application.database.query("ALTER TABLE elsewhere RENAME TO notifications");
    expect([broken.status, broken.json]).toEqual([500, { error: "internal error" }]);
    expect(await application.readLog()).toMatch(/ERROR \| http \| Request failed .*notifications/);
    expect((await application.call("GET", "/api/notifications", await application.person())).status).toBe(
      200,
    );
  });

  it("logs people in with their password and nobody with another", async () => {
    const operator = await application.person("operator");
    const email = `${randomUUID()}@example.org`;
    const person = { email, password: "a long enough password", nombre: "Ana" };
    const made = await application.call("POST", "/api/users", operator, person);
    expect(made.status).toBe(201);
    expect(made.text).not.toContain("scrypt");
    expect((await application.call("POST", "/api/users", operator, person)).status).toBe(409);
    const login = { email: email.toUpperCase(), password: person.password };
    const token = textAt(await application.call("POST", "/api/session", undefined, login), "token");
    const sub = textAt(made, "id");
    expect((await application.call("GET", "/api/notifications", { sub, token })).status).toBe(200);
    const wrong = { email, password: "another long password" };
    expect((await application.call("POST", "/api/session", undefined, wrong)).status).toBe(401);
    const stranger = { ...login, email: "nobody@example.org" };
    expect((await application.call("POST", "/api/session", undefined, stranger)).status).toBe(401);
    expect((await application.call("DELETE", `/api/users/${sub}`, operator)).status).toBe(204);
  });

  it("refuses a feature that is switched off, and says so", async () => {
    const flag = "UPDATE feature_flags SET enabled = $1 WHERE name = 'batch_operations'";
    await application.database.query(flag, [false]);
    const elementos = [{ titulo: "a", vence_en: null }];
    const body = { operacion: "classify_documents", al: "2026-01-11", elementos };
    const answer = await application.call("POST", "/api/batches", await application.person(), body);
    await application.database.query(flag, [true]);
    expect(answer.status).toBe(503);
    expect(valueAt(answer, "error")).toContain('feature "batch_operations": off');
  });
});

async function token(sub: string, role: string, key: string, expires?: string): Promise<string> {
  const unsigned = new SignJWT({ role }).setProtectedHeader({ alg: "HS256" }).setSubject(sub);
  if (expires) unsigned.setExpirationTime(expires);
  return await unsigned.sign(new TextEncoder().encode(key));
}
