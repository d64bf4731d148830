// Every fault switch makes the matching check fail, with what was seen and what was wanted. What no step of this example
// looks at yet (the log, the version) is looked at here.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultName, faultNames } from "../../../examples/hv-consultores/application/faults.ts";
import { readFaults } from "../../../examples/parts/faults.ts";
import type { Services } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication, valueAt } from "./support/application.ts";
import { observation, runJourney, runSecurity } from "./support/checks.ts";

/** With this one the application cannot start, since the server refuses plain connections. */
const refused = "database-plain";

/** Fault, journey, the observation of it that fails, and what an operator reads there. */
const inJourneys: [FaultName, string, string, RegExp][] = [
  ["health", "critical-paths", "api-health", /^status: 503.*, want 200/],
  ["queue-stats", "critical-paths", "queue-stats", /^status: 500.*internal error/],
  ["processor-stuck", "queue", "processed", /estado: "pending", want "completed"/],
  ["jobs-fail", "queue", "processed", /estado: "pending", want "completed".*could not be run/],
  ["retry-off", "queue", "first-retry", /estado: "failed", want "pending"/],
  ["timeout-off", "queue", "timed-out", /estado: "processing", want "failed"/],
  ["metrics-wrong", "queue", "gauge", /hv_queue_jobs/],
  ["scheduler-off", "scheduler", "on-time", /count: 0, want 1/],
  ["scheduler-next-run", "scheduler", "next-times", /right: false, want true/],
  ["rule-create", "automation", "create", /nombre: "smoke run-\w+ \(copia\)", want "smoke run-\w+"/],
  ["rule-edit", "automation", "edit", /nombre: "smoke run-\w+", want "smoke run-\w+ edited"/],
  ["rule-execute", "automation", "effect", /count: 0, want 1/],
  ["rules-history", "automation", "history", /execution_id: nothing, want/],
  ["rule-delete", "automation", "deleted", /^status: 200.*, want 404/],
  ["batch-stuck", "batches", "completed-row", /estado: "pending", want "completed"/],
  ["batch-progress", "batches", "progress", /avances: \[0\], want \[0,20,40,60,80,100\]/],
  ["batch-results", "batches", "results", /"dias_restantes":0.*want.*"dias_restantes":-1/],
  ["notification-create", "notifications", "created", /count: 0, want 1/],
  ["notification-count", "notifications", "unread-before", /unread: 2, want 1/],
  ["notification-read", "notifications", "read-row", /leido_en: null, want type "string"/],
  ["notification-delete", "notifications", "deleted", /count: 1, want 0/],
  ["mail", "services", "mail-arrived", /count: 0, want 1/],
  ["mail-from", "services", "mail-arrived", /from: "root@localhost", want "noreply@hv-consultores.com"/],
  ["slack", "services", "slack-arrived", /count: 0, want 1/],
  ["webhook", "services", "webhook-arrived", /count: 0, want 1/],
  ["webhook-signature", "services", "webhook-signature", /genuine: false, want true/],
  ["roles-off", "access", "wrong-role-process", /^status: 200.*, want 403/],
  ["isolation-off", "isolation", "foreign-read", /^status: 200.*, want 404/],
  ["validation-off", "validation", "unknown-kind", /^status: 201.*, want 400/],
  ["no-hsts", "headers", "hsts", /strict-transport-security: nothing, want/],
  ["no-csp", "headers", "csp", /content-security-policy: nothing, want/],
  ["metrics-missing", "metrics", "queue-size-pending", /want matches/],
  ["slow", "dashboard", "page", /^time: \d+ ms, want at most 2000 ms/],
  ["dashboard", "dashboard", "page", /^status: 500.*, want 200/],
  ["cache-off", "cache", "kept", /reply: -2, want at least 0/],
];

/** Fault, the observation of the security step that fails, and what an operator reads there. */
const inSecurity: [FaultName, string, RegExp][] = [
  ["rate-limit-off", "rate-limit", /no 429 in 61 requests/],
  ["cors-open", "cors-deny", /\*/],
  ["cors-closed", "cors-allow", /^none/],
  ["auth-off", "authentication", /GET \/api\/queue\/stats: status 200/],
];

/** Fault, and whether the log lines or the version that it leaves are right. */
const outside: [FaultName, () => Promise<boolean>][] = [
  [
    "wrong-version",
    async () => valueAt(await application.call("GET", "/api/version"), "version") === "6.0.0-test",
  ],
  [
    "log-format",
    async () => (await newLines()).every((line) => /^\S+Z \| [A-Z]+ \| \w+ \| .* \{.*\}$/.test(line)),
  ],
  ["log-errors", async () => !(await newLines()).some((line) => line.includes("| ERROR |"))],
  ["log-silent", async () => (await newLines()).some((line) => line.includes("Started"))],
  ["secret-in-log", async () => !(await newLines()).some((line) => line.includes(application.jwtSecret))],
];

let services: Services;
let application: TestApplication;
let logged = 0;

async function newLines(): Promise<string[]> {
  return (await application.readLog()).slice(logged).trim().split("\n");
}

async function breakBy(fault: FaultName | ""): Promise<void> {
  // Next times are written once: a wrong one shows only where they are written anew.
  if (fault === "scheduler-next-run") {
    await application.database.query("UPDATE scheduled_jobs SET proxima_ejecucion = NULL");
  }
  logged = (await application.readLog()).length;
  await application.restart({ faults: fault });
}

beforeAll(async () => {
  services = await sharedServices();
  application = await startApplication(services);
});
afterAll(() => application.stop());

describe("a fault", () => {
  it.each(inJourneys)("%s fails the journey %s at %s", async (fault, journey, step, message) => {
    await breakBy(fault);
    const finding = await runJourney(services, application, journey);
    expect(observation(finding, journey).result).toBe("failed");
    const seen = observation(finding, `${journey}-${step}`);
    expect(seen.result).toBe("failed");
    expect(seen.observed).toMatch(message);
  });

  it.each(inSecurity)("%s fails the security step at %s", async (fault, id, message) => {
    await breakBy(fault);
    const seen = observation(await runSecurity(services, application), id);
    expect(seen.result).toBe("failed");
    expect(seen.observed).toMatch(message);
  });

  it.each(outside)("%s shows in log or version", async (fault, isRight) => {
    await breakBy("");
    expect(await isRight()).toBe(true);
    await breakBy(fault);
    expect(await isRight()).toBe(false);
  });

  it("that speaks plain text to the database keeps the application from starting", async () => {
    await expect(application.restart({ faults: refused })).rejects.toThrow("no encryption");
  });

  it("is in the tables above, whichever it is", () => {
    const tried = [...inJourneys, ...inSecurity, ...outside].map(([fault]) => fault);
    expect([...tried, refused].sort()).toEqual([...faultNames].sort());
  });

  it("of an unknown name is refused", () => {
    expect(() => readFaults(faultNames, "health,helth")).toThrow(
      'fault "helth": unknown, want one of health,',
    );
  });
});
