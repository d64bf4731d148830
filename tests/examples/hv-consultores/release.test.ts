// The release command with the real process manager: variables from the vault, a reload that loses no request, a bad
// release refused before it does harm, and no secret in any environment or dump.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { applicationEnvironment, pm2 } from "../../../examples/parts/pm2.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";
import { testVariables } from "./support/application.ts";
import { createDatabase, type ExampleDatabase } from "./support/database.ts";
import { inExample } from "./support/example.ts";

const version = z.object({ version: z.string(), uptime_seconds: z.number() });
const managed = z.array(z.object({ pid: z.number() }));

let database: ExampleDatabase;
let folder: string;
let environment: Record<string, string>;
let variables: Record<string, string>;
let secrets: SecretsManagerClient;
let url: string;

beforeAll(async () => {
  const services = await sharedServices();
  const given = servicesEnvironment(services);
  database = await createDatabase(services);
  // pm2's sockets lie in its home, and a socket's path may have 107 characters at most.
  folder = await mkdtemp(join(tmpdir(), "hv-"));
  variables = { ...(await testVariables(services, database)), LOG_FILE: join(folder, "application.log") };
  const {
    AWS_ENDPOINT_URL = "",
    AWS_REGION = "",
    AWS_ACCESS_KEY_ID = "",
    AWS_SECRET_ACCESS_KEY = "",
  } = given;
  secrets = new SecretsManagerClient({
    endpoint: AWS_ENDPOINT_URL,
    region: AWS_REGION,
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const secretId = `hv-release-${randomUUID()}`;
  await secrets.send(new CreateSecretCommand({ Name: secretId, SecretString: JSON.stringify(variables) }));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  environment = {
    ...given,
    PATH: process.env.PATH ?? "",
    HOME: folder,
    PM2_HOME: join(folder, "pm2"),
    PORT: String(port),
    APP_SECRET_ID: secretId,
  };
});

afterAll(async () => {
  await pm2(applicationEnvironment(environment), "kill");
  await secrets.send(
    new DeleteSecretCommand({ SecretId: environment.APP_SECRET_ID, ForceDeleteWithoutRecovery: true }),
  );
  secrets.destroy();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command of the example as the release step does; its exit code and what it printed. */
async function run(script: string, change: Record<string, string> = {}) {
  const options = { cwd: inExample(), env: { ...environment, ...change } };
  const file = join("application", script);
  return await promisify(execFile)(process.execPath, [file], options).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    (error: { code: number; stderr: string }) => ({ code: error.code, text: error.stderr }),
  );
}

const running = async () => version.parse(await (await fetch(`${url}/api/version`)).json());

describe("the release command", () => {
  it("starts the version, with its variables from the vault", async () => {
    const started = await run("start-release.ts", { RELEASE_VERSION: "6.0.0" });
    expect(started).toEqual({ code: 0, text: expect.stringContaining("answers with version 6.0.0") });
    expect((await running()).version).toBe("6.0.0");
  });

  it("replaces it without losing a request", async () => {
    const answers: number[] = [];
    let done = false;
    const ask = async () => {
      while (!done) {
        // Without keep-alive: a new connection each time, as new visitors make it.
        const response = await fetch(`${url}/health`, { headers: { connection: "close" } }).catch(
          () => undefined,
        );
        await response?.body?.cancel();
        answers.push(response?.status ?? 0);
      }
    };
    // Many at once, so that some are always accepted and not yet sent.
    const asking = Promise.all(Array.from({ length: 8 }, ask));
    const replaced = await run("start-release.ts", { RELEASE_VERSION: "6.1.0" });
    done = true;
    await asking;
    expect(replaced.code).toBe(0);
    expect((await running()).version).toBe("6.1.0");
    expect(answers.length).toBeGreaterThan(20);
    expect(answers.filter((status) => status !== 200)).toEqual([]);
  });

  it("keeps secrets out of the process's environment and out of the process manager's files", async () => {
    const [process_] = managed.parse(JSON.parse(await pm2(applicationEnvironment(environment), "jlist")));
    const { JWT_SECRET = "", DATABASE_URL = "", ENCRYPTION_KEY = "" } = variables;
    const files = await readdir(join(folder, "pm2"), { recursive: true, withFileTypes: true });
    const texts = [
      await readFile(`/proc/${process_?.pid}/environ`, "utf8"),
      await pm2(applicationEnvironment(environment), "prettylist"),
      ...(await Promise.all(
        files
          .filter((file) => file.isFile())
          .map((file) => readFile(join(file.parentPath, file.name), "utf8")),
      )),
    ];
    expect(texts[0]).toContain("6.1.0");
    for (const secret of [JWT_SECRET, DATABASE_URL, ENCRYPTION_KEY]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it("takes a fault switch from its environment and forgets it with the next release", async () => {
    await run("start-release.ts", { RELEASE_VERSION: "6.1.1", FAULTS: "wrong-version" });
    expect((await running()).version).toBe("0.0.0-previous");
    await run("start-release.ts", { RELEASE_VERSION: "6.1.2" });
    expect((await running()).version).toBe("6.1.2");
  });

  it("refuses a release with wrong variables and leaves the running one alone", async () => {
    const SecretId = environment.APP_SECRET_ID;
    const wrong = JSON.stringify({ ...variables, JWT_SECRET: "short", SMTP_PORT: "0" });
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: wrong }));
    const refused = await run("start-release.ts", { RELEASE_VERSION: "6.2.0" });
    await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(variables) }));
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('variable "SMTP_PORT": "0", want a whole number from 1 to 65535');
    expect(refused.text).toContain(
      'variable "JWT_SECRET": a secret of 5 characters, want at least 32 characters',
    );
    expect((await running()).version).toBe("6.1.2");
  });

  it("refuses a fault that does not exist", async () => {
    const refused = await run("start-release.ts", { RELEASE_VERSION: "6.2.0", FAULTS: "helth" });
    expect(refused).toEqual({ code: 1, text: expect.stringContaining('fault "helth": unknown') });
  });

  it("stops, also when nothing runs", async () => {
    expect((await run("stop-release.ts")).code).toBe(0);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect((await run("stop-release.ts")).code).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
