// An example system deployed on services of its own, and what its checklist says of a release that is wrong in one way: the
// steps that look at the running application are run on one that is told to be wrong, everything else stays as deployed.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { step as security } from "../../../checks/security.ts";
import { step as smoke } from "../../../checks/smoke.ts";
import { deploy } from "../../../greenlight/deployment.ts";
import { engine } from "../../../greenlight/engine.ts";
import { projectRoot } from "../../../local/services/layout.ts";
import { type Services, servicesEnvironment, startServices } from "../../../local/services/services.ts";
import { judge, readChecklist } from "../../../report/checklist.ts";
import type { Report } from "../../../report/report.ts";
import type { StepReport } from "../../../report/steps.ts";
import { ownDirectory } from "../../support/services.ts";

type Environment = { [name: string]: string };

/** A running application and where it answers. */
export interface Application {
  url: string;
  stop(): Promise<void>;
}

export interface Deployed {
  first: Report;
  services: Services;
  environment: Environment;
  /** Deploys again. */
  deploy(): Promise<Report>;
  /** The variables of the application as the vault has them, with a log file of the test's own. */
  variables(): Promise<Environment>;
  /** Takes the deployed application away, so that only the test's own works on the database. */
  stopApplication(): Promise<void>;
  /** The boxes that are proven by the deployment and not by the journeys (and, if asked, the bad requests) on this application. */
  unticked(url: string, given: { security: boolean }): Promise<string[]>;
  destroy(): Promise<void>;
}

/** Deploys a system from nothing. */
export async function deploySystem(system: string): Promise<Deployed> {
  const directory = join(projectRoot, "examples", system);
  const services = await startServices({ directory: ownDirectory(system) });
  const environment = servicesEnvironment(services);
  const authority = await readFile(environment.GREENLIGHT_CA_FILE ?? "", "utf8");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority]);
  const used = await engine("embedded");
  const again = () =>
    deploy({
      ...{ engine: used, directory, stack: "local", environment, retry: "npm run demo" },
      ...{ onPreview: () => {}, onPlanned: () => {}, onUpdate: () => {} },
    });
  const first = await again();
  const folder = await mkdtemp(join(tmpdir(), "greenlight-system-"));
  const variables = async (): Promise<Environment> => ({
    ...(await readSecret(`${system}/application`, environment)),
    LOG_FILE: join(folder, "application.log"),
  });
  return {
    ...{ first, services, environment, variables },
    deploy: again,
    async stopApplication() {
      const options = { cwd: directory, env: { ...environment, HOME: process.env.HOME } };
      await promisify(execFile)(process.execPath, ["application/stop-release.ts"], options);
    },
    async unticked(url, given) {
      const settings = await settingsOf(directory, environment);
      const { JWT_SECRET = "" } = await variables();
      const shared = { environment, database: settings.database, url, key: JWT_SECRET };
      const again = [await runSmoke(directory, folder, settings, shared)];
      if (given.security) again.push(await runSecurity(settings, shared));
      const steps = first.steps.map((one) => again.find(({ name }) => name === one.name) ?? one);
      const file = join(directory, "checklist.yaml");
      const list = readChecklist(await readFile(file, "utf8"), file);
      const today = new Date().toISOString().slice(0, 10);
      const proven = judge(list, steps, today).filter(({ verdict }) => verdict === "proven");
      const still = new Set(proven.map(({ id }) => id));
      const before = first.checklist?.boxes.filter(({ verdict }) => verdict === "proven") ?? [];
      return before.map(({ id }) => id).filter((id) => !still.has(id));
    },
    async destroy() {
      await rm(folder, { recursive: true, force: true });
      const select = { stackName: "local", workDir: directory };
      const stack = await LocalWorkspace.selectStack(select, {
        ...{ pulumiCommand: used.command, envVars: environment },
      });
      await stack.destroy();
    },
  };
}

async function readSecret(id: string, environment: Environment): Promise<Environment> {
  const { AWS_ENDPOINT_URL = "", AWS_REGION = "" } = environment;
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = environment;
  const client = new SecretsManagerClient({
    ...{ endpoint: AWS_ENDPOINT_URL, region: AWS_REGION },
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    return z.record(z.string(), z.string()).parse(JSON.parse(SecretString ?? ""));
  } finally {
    client.destroy();
  }
}

const settings = z.object({
  database: z.object({ databaseName: z.string() }).transform(({ databaseName }) => databaseName),
  release: z.object({ version: z.string() }),
  smoke: z.looseObject({ file: z.string(), variables: z.record(z.string(), z.string()).default({}) }),
  security: z.looseObject({
    ...{ token: z.looseObject({}), unchangedQuery: z.string() },
    baseUrl: z.string(),
  }),
});
type Settings = z.infer<typeof settings>;

/** The sections of the stack file, with the services' addresses in place. */
async function settingsOf(directory: string, environment: Environment): Promise<Settings> {
  const { parse } = await import("yaml");
  const { interpolate } = await import("../../../infra/settings/interpolation.ts");
  const text = await readFile(join(directory, "Pulumi.local.yaml"), "utf8");
  const { value } = interpolate(parse(text).config, environment);
  const sections = Object.entries(z.record(z.string(), z.unknown()).parse(value));
  const named = sections.map(([name, section]) => [name.replace("greenlight:", ""), section]);
  return settings.parse(Object.fromEntries(named));
}

interface Shared {
  environment: Environment;
  database: string;
  url: string;
  key: string;
}

const context = (name: string) => ({
  ...{ name, log: () => {}, previous: undefined },
  signal: AbortSignal.timeout(120_000),
});

/** All journeys, whose waits end after five seconds: for what is to fail. */
async function runSmoke(
  directory: string,
  folder: string,
  { smoke: section, release }: Settings,
  { environment, database, url, key }: Shared,
): Promise<StepReport> {
  const text = await readFile(join(directory, section.file), "utf8");
  const file = join(folder, "journeys.yaml");
  await writeFile(file, text.replaceAll(/waitSeconds: \d+/g, "waitSeconds: 5"));
  const given = smoke.inputs().parse({
    ...{ file, baseUrl: url, release: release.version, variables: section.variables },
    secrets: { jwtSecret: key },
    databaseUrl: ownerUrl(environment, database),
    redisUrl: environment.GREENLIGHT_REDIS_URL,
    redisCaFile: environment.GREENLIGHT_CA_FILE,
    sinkUrl: environment.GREENLIGHT_SINK_URL,
  });
  return reportOf("smoke", await smoke.run(given, context("smoke")));
}

async function runSecurity({ security: section }: Settings, shared: Shared): Promise<StepReport> {
  const { token, unchangedQuery, ...rest } = section;
  const { variable: _, ...signed } = token;
  const given = security.inputs().parse({
    ...{ ...rest, baseUrl: shared.url, token: { ...signed, secret: shared.key } },
    unchanged: { databaseUrl: ownerUrl(shared.environment, shared.database), query: unchangedQuery },
  });
  return reportOf("security", await security.run(given, context("security")));
}

function reportOf(name: string, finding: Awaited<ReturnType<typeof smoke.run>>): StepReport {
  const failed = finding.observations.some(({ result }) => result !== "passed");
  return { ...finding, name, kind: name, result: failed ? "failed" : "passed" };
}

function ownerUrl(environment: Environment, database: string): string {
  const url = new URL(environment.GREENLIGHT_DATABASE_URL ?? "");
  url.pathname = `/${database}`;
  url.searchParams.set("sslrootcert", environment.GREENLIGHT_CA_FILE ?? "");
  return url.href;
}
