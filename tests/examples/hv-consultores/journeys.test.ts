// The smoke journeys against the real application: all pass when it is right, and each part that is wrong fails the
// journey about it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { step } from "../../../checks/smoke.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { startApplication, type TestApplication } from "./support/application.ts";
import { inExample } from "./support/example.ts";

let application: TestApplication;
let run: () => ReturnType<typeof step.run>;

beforeAll(async () => {
  const services = await sharedServices();
  const environment = servicesEnvironment(services);
  application = await startApplication(services);
  run = () =>
    step.run(
      step.inputs().parse({
        file: inExample("smoke", "journeys.yaml"),
        baseUrl: application.running.url,
        release: "6.0.0-test",
        variables: { webhookUrl: `${environment.GREENLIGHT_SINK_URL}/hooks/smoke` },
        secrets: { jwtSecret: application.jwtSecret },
        databaseUrl: `${application.database.ownerUrl}&sslrootcert=${environment.GREENLIGHT_CA_FILE}`,
        redisUrl: environment.GREENLIGHT_REDIS_URL,
        redisCaFile: environment.GREENLIGHT_CA_FILE,
        sinkUrl: environment.GREENLIGHT_SINK_URL,
      }),
      { name: "hv-consultores", log: () => {}, signal: AbortSignal.timeout(120_000), previous: undefined },
    );
});
afterAll(() => application.stop());

describe("the journeys of HV-Consultores", () => {
  it("all pass on the right application, and leave nothing behind", { timeout: 120_000 }, async () => {
    const { observations } = await run();
    expect(observations.filter((one) => one.result !== "passed")).toEqual([]);
    const left = await application.database.query<{ rows: string }>(
      `SELECT (SELECT count(*) FROM queue_jobs WHERE usuario_id IS NOT NULL) + (SELECT count(*) FROM automation_rules)
         + (SELECT count(*) FROM notifications) + (SELECT count(*) FROM batch_operations)
         + (SELECT count(*) FROM webhook_endpoints) AS rows`,
    );
    expect(left).toEqual([{ rows: "0" }]);
  });
});
