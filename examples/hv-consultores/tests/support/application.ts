// The application in this process, on a database of its own that goes again: the server, Redis and the receivers of mail and hooks
// are those of GREENLIGHT_* (`npx greenlight local env`).
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import pg from "pg";
import { readDefinitions } from "../../../parts/environment.ts";
import { start } from "../../application/main.ts";

const example = (path: string) => new URL(`../../${path}`, import.meta.url);

export interface TestApplication {
  url: string;
  jwtSecret: string;
  /** As whoever owns the tables. */
  ownerUrl: string;
  redisUrl: string;
  stop(): Promise<void>;
}

/** @throws when a variable of the services is missing */
export async function startApplication(): Promise<TestApplication> {
  const authority = await readFile(given("GREENLIGHT_CA_FILE"), "utf8");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority]);
  const folder = await mkdtemp(join(tmpdir(), "hv-consultores-tests-"));
  const database = await createDatabase(authority);
  const redis = new URL(given("GREENLIGHT_REDIS_URL"));
  redis.pathname = "/14";
  const jwtSecret = randomBytes(24).toString("hex");
  const smtp = new URL(given("GREENLIGHT_SMTP_URL"));
  const definitions = await readDefinitions(example("environment.yaml"));
  const running = await start({
    ...Object.fromEntries(definitions.map((definition) => [definition.name, definition.example])),
    NEXT_PUBLIC_ENVIRONMENT: "local", // hooks of this machine are plain
    SMTP_HOST: smtp.hostname,
    SMTP_PORT: smtp.port,
    SMTP_USER: decodeURIComponent(smtp.username),
    SMTP_PASSWORD: decodeURIComponent(smtp.password),
    SLACK_WEBHOOK_URL: `${given("GREENLIGHT_SINK_URL")}/hooks/slack`,
    DATABASE_URL: database.applicationUrl,
    REDIS_URL: redis.href,
    JWT_SECRET: jwtSecret,
    ENCRYPTION_KEY: randomBytes(24).toString("hex"),
    SCHEDULER_CHECK_INTERVAL: "1000",
    LOG_FILE: join(folder, "application.log"),
    PORT: "0",
    RELEASE_VERSION: "6.0.0",
  });
  return {
    url: running.url,
    jwtSecret,
    ownerUrl: `${database.ownerUrl}?sslmode=verify-ca&sslrootcert=${given("GREENLIGHT_CA_FILE")}`,
    redisUrl: redis.href,
    async stop() {
      await running.stop();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A variable of the services. */
export function given(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`variable "${name}": not set; start the services with npx greenlight local start`);
  return value;
}

async function createDatabase(authority: string) {
  const name = `hv_tests_${randomBytes(6).toString("hex")}`;
  const role = `${name}_application`;
  const password = randomBytes(16).toString("hex");
  const urlOf = (user: string, word: string, database: string) => {
    const url = new URL(given("GREENLIGHT_DATABASE_URL"));
    [url.username, url.password, url.pathname, url.search] = [user, word, `/${database}`, ""];
    return url.href;
  };
  const { username, password: word, pathname } = new URL(given("GREENLIGHT_DATABASE_URL"));
  const session = async (database: string) => {
    const connectionString = urlOf(username, word, database);
    const client = new pg.Client({ connectionString, ssl: { ca: authority, rejectUnauthorized: true } });
    await client.connect();
    return client;
  };
  const admin = await session(pathname.slice(1));
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const owner = await session(name);
  const files = await readdir(example("migrations"));
  for (const file of files.filter((one) => one.endsWith(".sql") && !one.endsWith(".down.sql")).sort())
    await owner.query(await readFile(example(`migrations/${file}`), "utf8"));
  await owner.end();
  return {
    ownerUrl: urlOf(username, word, name),
    applicationUrl: `${urlOf(role, password, name)}?sslmode=verify-full`,
    async drop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.query(`DROP ROLE ${role}`);
      await admin.end();
    },
  };
}
