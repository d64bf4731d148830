// The smoke and security steps against the real application: everything passes when it is right, and leaves nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readJourneys } from "../../../checks/smoke/journey.ts";
import type { Services } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication } from "./support/application.ts";
import { runSecurity, runSmoke } from "./support/checks.ts";
import { inExample } from "./support/example.ts";

const description = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

let services: Services;
let application: TestApplication;

beforeAll(async () => {
  services = await sharedServices();
  application = await startApplication(services);
});
afterAll(() => application.stop());

describe("the right application", () => {
  it("passes all journeys, which leave nothing behind but what the dashboard shows", {
    timeout: 120_000,
  }, async () => {
    const { observations } = await runSmoke(services, application);
    expect(observations.filter((one) => one.result !== "passed")).toEqual([]);
    const left = await application.database.query(
      `SELECT 'job' AS kind, tipo AS name, usuario_id FROM queue_jobs WHERE usuario_id IS NOT NULL
       UNION ALL SELECT 'rule', nombre, usuario_id FROM automation_rules
       UNION ALL SELECT 'notification', titulo, usuario_id FROM notifications
       UNION ALL SELECT 'batch', operacion, usuario_id FROM batch_operations
       UNION ALL SELECT 'webhook', url, usuario_id FROM webhook_endpoints`,
    );
    // The journey page-notice leaves it for the browser that looks at the dashboard, until the next release.
    const shown = {
      kind: "notification",
      name: "Aviso para la página",
      usuario_id: "5e000000-0000-4000-8000-000000000011",
    };
    expect(left).toEqual([shown]);
  });

  it("is asked every route of its own description by the journeys", async () => {
    const { paths } = description.parse((await application.call("GET", "/api/openapi.json")).json);
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
    const { journeys, variables } = await readJourneys(inExample("smoke", "journeys.yaml"));
    const pathOf = (path: string) =>
      path.replace("${metricsUrl}", String(variables.metricsUrl)).split("?")[0];
    const asked = journeys.flatMap(({ steps }) =>
      steps.flatMap(({ request }) => (request ? [`${request.method} ${pathOf(request.path)}`] : [])),
    );
    const unasked = routes.filter(({ method, path }) => {
      const pattern = new RegExp(`^${method} ${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
      return !asked.some((one) => pattern.test(one));
    });
    expect(routes.length).toBeGreaterThan(30);
    expect(unasked).toEqual([]);
  });

  it("passes the security step, also twice within a minute", async () => {
    const first = await runSecurity(services, application);
    const second = await runSecurity(services, application);
    expect([...first.observations, ...second.observations].filter((one) => one.result !== "passed")).toEqual(
      [],
    );
    expect(first.observations.length).toBeGreaterThan(9);
  });
});
