// A stop takes the application under pm2 down with the services; the next start brings it back as it was, without
// ever having kept a secret of it.

import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pm2Daemon } from "../../local/services/application.ts";
import { identify } from "../../local/services/process-identity.ts";
import type { Progress } from "../../local/services/progress.ts";
import {
  removeServices,
  type Services,
  servicesEnvironment,
  servicesStatus,
  startServices,
  stopServices,
} from "../../local/services/services.ts";
import { ownDirectory } from "../support/services.ts";

// With a blank, as many a person's folder has.
const directory = ownDirectory("an application");
const token = "tk-7f3b1c";
let services: Services;

/** Answers with the variables it was given. */
const program = `
import { createServer } from "node:http";
const { PORT, RELEASE_VERSION, DELIVERY_TOKEN = null, PROXY = null, AWS_SECRET_ACCESS_KEY = null } = process.env;
createServer((_, response) => response.end(JSON.stringify({ RELEASE_VERSION, DELIVERY_TOKEN, PROXY, AWS_SECRET_ACCESS_KEY })))
  .listen(Number(PORT), "127.0.0.1", () => process.send("ready"));
`;

/** Takes no connections. */
const worker = 'setInterval(() => {}, 1000); process.send("ready");';

beforeAll(async () => {
  services = await startServices({ directory });
  await release("answering", services.ports.application);
  await release("helping", services.applicationPorts[0] ?? 0);
});

afterAll(() => removeServices({ directory }));

async function release(name: string, port: number | undefined): Promise<void> {
  const folder = join(directory, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "main.mjs"), port === undefined ? worker : program);
  const apps = [
    {
      name,
      script: "main.mjs",
      cwd: folder,
      exec_mode: "cluster",
      instances: 2,
      wait_ready: true,
    },
  ];
  await writeFile(join(folder, "ecosystem.config.json"), JSON.stringify({ apps }));
  const { HOME = "/", PATH = "" } = process.env;
  const { AWS_SECRET_ACCESS_KEY = "", PM2_HOME = "" } = servicesEnvironment(services);
  const env = {
    ...{ HOME, PATH: `${dirname(process.execPath)}:${PATH}`, PM2_HOME, PM2_DISCRETE_MODE: "true" },
    ...{ AWS_SECRET_ACCESS_KEY, RELEASE_VERSION: "1.0.0" },
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...{ SMTP_PASS: token, DB_PWD: token, SHARED_SECRETS: token },
    ...{ DELIVERY_TOKEN: token, PROXY: `http://user:${token}@proxy.example.com` },
  };
  const pm2 = join(dirname(createRequire(import.meta.url).resolve("pm2/package.json")), "bin", "pm2");
  await promisify(execFile)(process.execPath, [pm2, "start", join(folder, "ecosystem.config.json")], { env });
}

async function answer(port = services.ports.application): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${port}`)).json();
}

async function applicationStatus() {
  const all = await servicesStatus({ directory });
  return all
    .filter(({ name }) => name === "application")
    .map(({ state, port, detail }) => ({ state, port, detail }));
}

const helper = () => ({
  state: "running",
  port: services.applicationPorts[0],
  detail: "helping, under pm2",
});

describe("the application", () => {
  it("is named in the status, each with its own port", async () => {
    const { application: port } = services.ports;
    expect(await applicationStatus()).toEqual([
      { state: "running", port, detail: "answering, under pm2" },
      helper(),
    ]);
  });

  it("leaves no secret on disk while it is stopped, and comes back with its variables and those of the services", async () => {
    expect(await answer()).toMatchObject({ RELEASE_VERSION: "1.0.0", DELIVERY_TOKEN: token });
    const daemon = await pm2Daemon(services.layout);
    await stopServices({ directory });
    expect(await identify(daemon?.pid ?? 0)).toBeUndefined();
    await expect(answer()).rejects.toThrow("fetch failed");

    const files = [services.layout.applicationFile, ...(await filesBelow(services.layout.pm2Home))];
    const onDisk = (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
    expect(onDisk).toContain('"RELEASE_VERSION": "1.0.0"');
    expect(onDisk).not.toContain(token);
    expect(onDisk).not.toContain(services.credentials.awsSecretAccessKey);

    const told: string[] = [];
    const onProgress = ({ service, text }: Progress) => {
      if (service === "application") told.push(text);
    };
    await startServices({ directory, onProgress });
    expect(told).toEqual([expect.stringMatching(/^answering, helping started again under pm2 after /)]);
    expect(await answer()).toEqual({
      RELEASE_VERSION: "1.0.0",
      DELIVERY_TOKEN: null,
      PROXY: null,
      AWS_SECRET_ACCESS_KEY: services.credentials.awsSecretAccessKey,
    });
    expect(await answer(services.applicationPorts[0])).toMatchObject({ RELEASE_VERSION: "1.0.0" });
  });

  it("is told as lost when it cannot come back, and the services start all the same", async () => {
    await stopServices({ directory });
    await writeFile(join(directory, "answering", "main.mjs"), "process.send('ready');");
    const told: string[] = [];
    const onProgress = ({ service, text }: Progress) => {
      if (service === "application") told.push(text);
    };
    await startServices({ directory, onProgress });
    expect(told).toEqual([
      `cannot be brought back: answering does not answer on port ${services.ports.application} after 10 s; run up to release it anew`,
    ]);
    const states = (await servicesStatus({ directory })).filter(({ name }) => name !== "application");
    expect(states.map(({ state }) => state)).toEqual(states.map(() => "running"));
  });

  it("stays down when its port was taken meanwhile, alone: only a release tells it the new one", async () => {
    await stopServices({ directory });
    const foreign = createServer();
    await new Promise<void>((resolve) => foreign.listen(services.ports.application, "127.0.0.1", resolve));
    try {
      const moved = await startServices({ directory });
      expect(moved.ports.application).not.toBe(services.ports.application);
      expect(moved.applicationPorts).toEqual(services.applicationPorts);
      expect(await applicationStatus()).toEqual([helper()]);
    } finally {
      foreign.close();
    }
  });

  it("runs also where it takes no connections", async () => {
    await release("working", undefined);
    const status = await applicationStatus();
    expect(status.at(-1)).toEqual({ state: "running", port: undefined, detail: "working, under pm2" });
  });
});

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
