// The smoke and security steps on an application under test, whole or only one journey of them.
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { step as security } from "../../../../checks/security.ts";
import { step as smoke } from "../../../../checks/smoke.ts";
import type { Finding, Observation } from "../../../../checks/step/definition.ts";
import { type Services, servicesEnvironment } from "../../../../local/services/services.ts";
import { QUEUE_INTERVAL_SECONDS, type TestApplication } from "./application.ts";
import { inExample } from "./example.ts";

const journeyFile = inExample("smoke", "journeys.yaml");
const journeys = z.looseObject({
  variables: z.record(z.string(), z.unknown()),
  journeys: z.array(z.looseObject({ name: z.string() })),
});

const context = () => ({
  name: "hv-consultores",
  log: () => {},
  signal: AbortSignal.timeout(120_000),
  previous: undefined,
});

/** All journeys. */
export async function runSmoke(services: Services, application: TestApplication): Promise<Finding> {
  return await runFile(services, application, await writeJourneys(application, "all"));
}

/** One journey, whose waits end after two seconds: for one that is to fail. */
export async function runJourney(
  services: Services,
  application: TestApplication,
  name: string,
): Promise<Finding> {
  return await runFile(services, application, await writeJourneys(application, name));
}

/** The file of one journey or of all of them, which want the pace of the application under test. */
async function writeJourneys(application: TestApplication, name: string): Promise<string> {
  const read = journeys.parse(parse(await readFile(journeyFile, "utf8")));
  const paced = { ...read, variables: { ...read.variables, queueIntervalSeconds: QUEUE_INTERVAL_SECONDS } };
  const isWhole = name === "all";
  const text = isWhole
    ? stringify(paced)
    : stringify({
        ...paced,
        journeys: read.journeys.filter((journey) => journey.name === name),
      }).replaceAll(/waitSeconds: \d+/g, "waitSeconds: 2");
  const file = join(dirname(application.logFile), `${name}.yaml`);
  await writeFile(file, text);
  return file;
}

function runFile(services: Services, application: TestApplication, file: string): Promise<Finding> {
  const environment = servicesEnvironment(services);
  const given = smoke.inputs().parse({
    file,
    baseUrl: application.running.url,
    release: "6.0.0-test",
    variables: { webhookUrl: `${environment.GREENLIGHT_SINK_URL}/hooks/smoke` },
    secrets: { jwtSecret: application.jwtSecret },
    databaseUrl: ownerUrl(services, application),
    redisUrl: environment.GREENLIGHT_REDIS_URL,
    redisCaFile: environment.GREENLIGHT_CA_FILE,
    sinkUrl: environment.GREENLIGHT_SINK_URL,
  });
  return smoke.run(given, context());
}

/** The security step with everything that the example asks of it. */
export function runSecurity(services: Services, application: TestApplication): Promise<Finding> {
  const { url } = application.running;
  const given = security.inputs().parse({
    baseUrl: url,
    token: { secret: application.jwtSecret, claims: { role: "operator" } },
    headers: {
      path: "/api/health",
      expect: { "strict-transport-security": "max-age=31536000; includeSubDomains" },
    },
    redirect: { url: `${url}/api/health`, headers: { "x-forwarded-proto": "http" } },
    cors: { path: "/api/notifications", allowedOrigins: ["https://hv-consultores.com"] },
    rateLimit: { path: "/api/notifications", requests: 60 },
    routes: {
      public: ["GET /health", "GET /api/health", "GET /api/version", "GET /metrics", "POST /api/session"],
    },
    unchanged: {
      databaseUrl: ownerUrl(services, application),
      query: "SELECT (SELECT count(*) FROM automation_rules), (SELECT count(*) FROM usuarios)",
    },
  });
  return security.run(given, context());
}

/** The observation of that id. @throws when the step did not make it. */
export function observation({ observations }: Finding, id: string): Observation {
  const found = observations.find((one) => one.id === id);
  if (!found) throw new Error(`no observation "${id}" among ${observations.map((one) => one.id).join(", ")}`);
  return found;
}

function ownerUrl(services: Services, application: TestApplication): string {
  return `${application.database.ownerUrl}&sslrootcert=${servicesEnvironment(services).GREENLIGHT_CA_FILE}`;
}
