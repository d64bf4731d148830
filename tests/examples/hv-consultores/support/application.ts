// The example's application in this process, on the run's services, with a database of its own. Its intervals are
// short; everything else is what production has.
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { type Running, start } from "../../../../examples/hv-consultores/application/main.ts";
import { createAuthentication } from "../../../../examples/parts/authentication.ts";
import { readDefinitions } from "../../../../examples/parts/environment.ts";
import { type Services, servicesEnvironment } from "../../../../local/services/services.ts";
import { createDatabase, type ExampleDatabase } from "./database.ts";
import { inExample } from "./example.ts";

/** How often its queue looks for jobs. */
export const QUEUE_INTERVAL_SECONDS = 1;

export interface Person {
  sub: string;
  token: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

/** The text at a path of an answer's JSON, e.g. `textAt(answer, "id")`. @throws when there is none. */
export function textAt(answer: Answer, ...path: (string | number)[]): string {
  const found = valueAt(answer, ...path);
  if (typeof found !== "string")
    throw new Error(`${path.join(".")}: no text in ${answer.status} ${answer.text}`);
  return found;
}

/** Whatever is at a path of an answer's JSON. */
export function valueAt(answer: Answer, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null) return undefined;
    return Reflect.get(value, key);
  }, answer.json);
}

export interface TestApplication {
  running: Running;
  database: ExampleDatabase;
  jwtSecret: string;
  logFile: string;
  /** A new person with a token. */
  person(role?: "user" | "operator"): Promise<Person>;
  /** A request; `body` is sent as JSON. */
  call(
    method: string,
    path: string,
    person?: Person,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  readLog(): Promise<string>;
  /** Stops it, starts it again with other faults or variables, on the same database. */
  restart(change: { faults?: string; variables?: Record<string, string> }): Promise<void>;
  stop(): Promise<void>;
}

/** The example values of environment.yaml, with those of the services and of a test's pace. */
export async function testVariables(
  services: Services,
  database: ExampleDatabase,
): Promise<Record<string, string>> {
  const environment = servicesEnvironment(services);
  const smtp = new URL(environment.GREENLIGHT_SMTP_URL ?? "");
  const definitions = await readDefinitions(inExample("environment.yaml"));
  return {
    ...Object.fromEntries(definitions.map((definition) => [definition.name, definition.example])),
    NEXT_PUBLIC_ENVIRONMENT: "local",
    SMTP_HOST: smtp.hostname,
    SMTP_PORT: smtp.port,
    SMTP_USER: decodeURIComponent(smtp.username),
    SMTP_PASSWORD: decodeURIComponent(smtp.password),
    SLACK_WEBHOOK_URL: `${environment.GREENLIGHT_SINK_URL}/hooks/slack`,
    DATABASE_URL: database.applicationUrl,
    REDIS_URL: environment.GREENLIGHT_REDIS_URL ?? "",
    JWT_SECRET: randomBytes(24).toString("hex"),
    ENCRYPTION_KEY: randomBytes(24).toString("hex"),
    QUEUE_PROCESSOR_INTERVAL: String(QUEUE_INTERVAL_SECONDS),
    SCHEDULER_CHECK_INTERVAL: "500",
  };
}

export async function startApplication(
  services: Services,
  change: { faults?: string; variables?: Record<string, string> } = {},
): Promise<TestApplication> {
  await trust(services);
  const folder = await mkdtemp(join(tmpdir(), "hv-"));
  const logFile = join(folder, "application.log");
  const database = await createDatabase(services);
  const variables: Record<string, string> = {
    ...(await testVariables(services, database)),
    LOG_FILE: logFile,
  };
  const jwtSecret = variables.JWT_SECRET ?? "";
  const open = (next: typeof change) =>
    start({
      ...variables,
      ...next.variables,
      PORT: "0",
      RELEASE_VERSION: "6.0.0-test",
      FAULTS: next.faults ?? "",
      NODE_ENV: "production",
    });
  let stopped = false;
  const stopRunning = async () => {
    if (!stopped) await application.running.stop();
    stopped = true;
  };
  const application: TestApplication = {
    running: await open(change),
    database,
    jwtSecret,
    logFile,
    async person(role = "user") {
      const sub = randomUUID();
      return { sub, token: await createAuthentication(jwtSecret).sign({ sub, role }, 600) };
    },
    async call(method, path, person, body, headers) {
      const response = await fetch(new URL(path, application.running.url), {
        method,
        redirect: "manual",
        headers: {
          ...(person ? { authorization: `Bearer ${person.token}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json") ?? false;
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    },
    readLog: () => readFile(logFile, "utf8"),
    async restart(next) {
      await stopRunning();
      application.running = await open(next);
      stopped = false;
    },
    async stop() {
      await stopRunning();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return application;
}

/** Makes this process trust the local authority, as NODE_EXTRA_CA_CERTS does for a process that starts with it. */
export async function trust(services: Services): Promise<void> {
  const authority = await readFile(servicesEnvironment(services).GREENLIGHT_CA_FILE ?? "", "utf8");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority]);
}
