// Every fault switch makes its own part wrong, as seen from outside; with no fault every part is right.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type FaultName,
  faultNames,
  readFaults,
} from "../../../examples/hv-consultores/application/faults.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication } from "./support/application.ts";
import { type Looks, looksAt, sinkAt } from "./support/looks.ts";

/** With this one the application cannot start, since the server refuses plain connections. */
const refused = "database-plain";

/** Which look sees each of the others. */
const seenBy: Record<Exclude<FaultName, typeof refused>, keyof Looks> = {
  health: "health",
  "wrong-version": "version",
  "queue-stats": "stats",
  "processor-stuck": "processing",
  "jobs-fail": "jobs",
  "retry-off": "retry",
  "timeout-off": "timeout",
  "scheduler-off": "schedule",
  "scheduler-next-run": "nextRun",
  "rule-create": "ruleCreated",
  "rule-edit": "ruleEdited",
  "rule-delete": "ruleDeleted",
  "rule-execute": "ruleExecuted",
  "rules-history": "ruleHistory",
  "batch-stuck": "batchCompleted",
  "batch-progress": "batchProgress",
  "batch-results": "batchResults",
  "notification-create": "notificationMade",
  "notification-read": "notificationRead",
  "notification-count": "unreadCount",
  "notification-delete": "notificationDeleted",
  mail: "mail",
  "mail-from": "mail",
  slack: "slack",
  webhook: "webhook",
  "webhook-signature": "webhook",
  "rate-limit-off": "rateLimit",
  "cors-open": "foreignOrigin",
  "cors-closed": "ownOrigin",
  "auth-off": "authentication",
  "roles-off": "roles",
  "isolation-off": "isolation",
  "validation-off": "validation",
  "no-hsts": "hsts",
  "no-csp": "csp",
  "metrics-missing": "metrics",
  "metrics-wrong": "gauge",
  "log-format": "logFormat",
  "log-errors": "logErrors",
  "log-silent": "logLines",
  "secret-in-log": "logSecrets",
  slow: "speed",
  dashboard: "dashboard",
  "cache-off": "cache",
};

let application: TestApplication;
let looks: Looks;

beforeAll(async () => {
  const services = await sharedServices();
  application = await startApplication(services);
  const sinkUrl = servicesEnvironment(services).GREENLIGHT_SINK_URL ?? "";
  looks = looksAt(application, sinkAt(sinkUrl), sinkUrl);
});
afterAll(() => application.stop());

describe("the application without faults", () => {
  it.each([
    ...new Set<keyof Looks>([...Object.values(seenBy), "databaseTls", "schedulesListed"]),
  ])("is right in %s", async (look) => {
    expect(await looks[look]()).toBe(true);
  });
});

describe("a fault", () => {
  it.each(faultNames.filter((name) => name !== refused))("%s is seen", async (fault) => {
    const mark = (await application.readLog()).length;
    await application.restart({ faults: fault });
    // Only what was logged under this fault counts.
    const whole = application.readLog;
    application.readLog = async () => (await whole()).slice(mark);
    try {
      expect(await looks[seenBy[fault]]()).toBe(false);
    } finally {
      application.readLog = whole;
    }
  });

  it("that speaks plain text to the database keeps the application from starting", async () => {
    await expect(application.restart({ faults: refused })).rejects.toThrow("no encryption");
  });

  it("of an unknown name is refused", () => {
    expect(() => readFaults("health,helth")).toThrow('fault "helth": unknown, want one of health,');
  });
});
