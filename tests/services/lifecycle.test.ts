// One set from its first start to its removal. The tests build on each other, in order.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { CloudWatchClient, ListMetricsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CreateUserCommand, GetUserCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createClient } from "@redis/client";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { isFree } from "../../local/services/ports.ts";
import { identify } from "../../local/services/process-identity.ts";
import type { Progress } from "../../local/services/progress.ts";
import { serviceNames } from "../../local/services/record.ts";
import {
  removeServices,
  type Services,
  servicesEnvironment,
  servicesStatus,
  startServices,
  stopServices,
} from "../../local/services/services.ts";
import { ownDirectory } from "../support/services.ts";
import { listMessages } from "../support/sink.ts";

const directory = ownDirectory("lifecycle");

/** Starts the set and returns it with what was told meanwhile, as `SERVICE STATE`. */
async function start(): Promise<{ services: Services; told: string[]; progress: Progress[] }> {
  const progress: Progress[] = [];
  const services = await startServices({ directory, onProgress: (one) => progress.push(one) });
  return { services, progress, told: progress.map(({ service, state }) => `${service} ${state}`) };
}

async function pids(): Promise<Record<string, number | undefined>> {
  const statuses = await servicesStatus({ directory });
  return Object.fromEntries(statuses.map(({ name, pid }) => [name, pid]));
}

afterAll(() => removeServices({ directory }));

describe("a set of services", () => {
  it("has no status before its first start, and stopping it does nothing", async () => {
    await stopServices({ directory });
    expect(await servicesStatus({ directory })).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it("starts from nothing and is told ready service by service", async () => {
    const { told } = await start();
    expect(told).toEqual(expect.arrayContaining(serviceNames.map((name) => `${name} ready`)));
    const statuses = await servicesStatus({ directory });
    expect(statuses.map(({ name, state }) => `${name} ${state}`)).toEqual([
      ...serviceNames.map((name) => `${name} running`),
      "application stopped",
    ]);
  });

  it("is left alone by further starts, also by several at once", async () => {
    const before = await pids();
    const starts = await Promise.all([start(), start(), start()]);
    for (const { told } of starts) expect(told).toEqual(serviceNames.map((name) => `${name} unchanged`));
    expect(await pids()).toEqual(before);
  });

  it("is left alone where one of them answers late", async () => {
    const before = await pids();
    const sink = before.sink ?? 0;
    process.kill(sink, "SIGSTOP");
    const again = setTimeout(() => process.kill(sink, "SIGCONT"), 4000);
    try {
      expect((await start()).told).toEqual(serviceNames.map((name) => `${name} unchanged`));
    } finally {
      clearTimeout(again);
      process.kill(sink, "SIGCONT");
    }
    expect(await pids()).toEqual(before);
  });

  it.runIf(existsSync("/proc"))(
    "keeps its secrets from process arguments, logs and other users' eyes",
    async () => {
      const { services } = await start();
      const secrets = Object.values(services.credentials).filter((value) => value !== "greenlight");
      const running = Object.values(await pids()).filter((pid) => pid !== undefined);
      const commandLines = await Promise.all(running.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8")));
      expect(commandLines).toHaveLength(serviceNames.length);
      const logs = await readdir(services.layout.logs);
      const lines = await Promise.all(logs.map((name) => readFile(join(services.layout.logs, name), "utf8")));
      for (const secret of secrets) expect([...commandLines, ...lines].join("\n")).not.toContain(secret);
      expect(((await stat(services.layout.recordFile)).mode & 0o777).toString(8)).toBe("600");
    },
  );

  it("names a service that died with the last lines of its log, and starts that one again", async () => {
    const before = await pids();
    process.kill(before.valkey ?? 0, "SIGKILL");
    await expect.poll(async () => (await identify(before.valkey ?? 0)) === undefined).toBe(true);
    const dead = (await servicesStatus({ directory })).find(({ name }) => name === "valkey");
    expect(dead).toMatchObject({ state: "dead", pid: undefined });
    expect(dead?.detail).toContain("Ready to accept connections");

    const { told, progress } = await start();
    expect(progress.find(({ state }) => state === "died")).toMatchObject({
      service: "valkey",
      text: expect.stringContaining("had ended by itself, its log ends:"),
    });
    expect(told.filter((line) => line.endsWith("ready"))).toEqual(["valkey ready"]);
    const { valkey, ...others } = await pids();
    expect({ ...others, valkey: before.valkey }).toEqual(before);
    expect(valkey).not.toBe(before.valkey);
  });

  it("recovers PostgreSQL with its data from a kill", async () => {
    const { services } = await start();
    const { database, redis } = await clients(services);
    database.on("error", () => {}); // it is about to lose its server
    redis.destroy();
    await database.query("create table survived as select 42 as answer");
    const before = await pids();
    process.kill(before.postgresql ?? 0, "SIGKILL");
    await expect.poll(async () => (await identify(before.postgresql ?? 0)) === undefined).toBe(true);
    const { told } = await start();
    expect(told.filter((line) => line.endsWith("ready"))).toEqual(["postgresql ready"]);
    const again = await clients(services);
    again.redis.destroy();
    expect((await again.database.query("select answer from survived")).rows).toEqual([{ answer: 42 }]);
    await again.database.end();
  });

  it("recovers AWS resources from a kill of the emulator", async () => {
    const { services } = await start();
    const { s3, iam, cloudwatch } = awsClients(services);
    // Telemetry is saved later than anything else, and alone as well.
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace: "survivor", MetricData: [{ MetricName: "lives", Value: 9 }] }),
    );
    await expect
      .poll(() => readFile(join(services.layout.aws, "state", "cloudwatch.json"), "utf8").catch(() => ""), {
        timeout: 40_000,
      })
      .toContain("survivor");
    await iam.send(new CreateUserCommand({ UserName: "survivor" }));
    await s3.send(new CreateBucketCommand({ Bucket: "survivor" }));
    const files = ["iam.json", "s3.json"].map((name) => join(services.layout.aws, "state", name));
    for (const file of files) {
      await expect
        .poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 20_000 })
        .toContain("survivor");
    }
    const before = await pids();
    process.kill(before.aws ?? 0, "SIGKILL");
    await expect.poll(async () => (await identify(before.aws ?? 0)) === undefined).toBe(true);
    const { told } = await start();
    expect(told.filter((line) => line.endsWith("ready"))).toEqual(["aws ready"]);
    const { User } = await iam.send(new GetUserCommand({ UserName: "survivor" }));
    expect(User?.Arn).toBe("arn:aws:iam::123456789012:user/survivor");
    await expect(s3.send(new HeadBucketCommand({ Bucket: "survivor" }))).resolves.toBeDefined();
    const { Metrics } = await cloudwatch.send(new ListMetricsCommand({ Namespace: "survivor" }));
    expect(Metrics?.map(({ MetricName }) => MetricName)).toEqual(["lives"]);
  });

  it("keeps ports, credentials and data over a stop, which leaves no process", async () => {
    const { services } = await start();
    await writeEverywhere(services);
    const before = Object.values(await pids()).filter((pid) => pid !== undefined);
    await stopServices({ directory });
    expect(await Promise.all(before.map(identify))).toEqual(before.map(() => undefined));
    expect(await Promise.all(Object.values(services.ports).map(isFree))).not.toContain(false);
    expect((await servicesStatus({ directory })).map(({ state }) => state)).not.toContain("running");

    const { services: again } = await start();
    expect(servicesEnvironment(again)).toEqual(servicesEnvironment(services));
    expect(await readEverywhere(again)).toEqual(["a row", "an object", "a value", "allkeys-lru", "a call"]);
  });

  it("never signals a process that took over a recorded id", async () => {
    await stopServices({ directory });
    const stranger = spawn("sleep", ["600"], { stdio: "ignore" });
    try {
      const file = join(directory, "local", "services.json");
      const record = JSON.parse(await readFile(file, "utf8"));
      record.processes.sink = { pid: stranger.pid, started: "another boot/1" };
      await writeFile(file, JSON.stringify(record));
      const sink = (await servicesStatus({ directory })).find(({ name }) => name === "sink");
      expect(sink).toMatchObject({ state: "dead" });
      await stopServices({ directory });
      expect(await identify(stranger.pid ?? 0)).toBeDefined();
      expect(stranger.exitCode).toBe(null);
    } finally {
      stranger.kill();
    }
  });

  it("moves away from a port that another program took, and tells those who use it", async () => {
    const { services } = await start();
    await stopServices({ directory });
    const foreign = await listen(services.ports.aws);
    try {
      const { services: moved, progress } = await start();
      expect(progress.filter(({ state }) => state === "moved")).toEqual([
        {
          service: "aws",
          state: "moved",
          text: `port ${services.ports.aws} is taken by another program, moved to ${moved.ports.aws}`,
        },
      ]);
      expect(moved.ports).toEqual({ ...services.ports, aws: moved.ports.aws });
      const environment = servicesEnvironment(moved);
      expect(environment.AWS_ENDPOINT_URL).toBe(`http://127.0.0.1:${moved.ports.aws}`);
      expect(await readEverywhere(moved)).toContain("an object");
    } finally {
      foreign.close();
    }
  });

  it("says which service cannot start and why, with the others up, and goes on after the repair", async () => {
    const { services } = await start();
    await stopServices({ directory });
    const file = join(services.layout.valkey, "valkey.conf");
    const good = await readFile(file, "utf8");
    await writeFile(file, "no-such-directive yes\n");
    await expect(startServices({ directory })).rejects.toThrow(
      /^service "valkey": it ended .*its log ends:[\s\S]*no-such-directive yes/,
    );
    const states = (await servicesStatus({ directory })).map(({ name, state }) => `${name} ${state}`);
    expect(states).toEqual(expect.arrayContaining(["postgresql running", "aws running", "sink running"]));
    await writeFile(file, good);
    const { told } = await start();
    expect(told.filter((line) => line.endsWith("ready"))).toEqual(["valkey ready"]);
  });

  it("is gone after its removal, with all it wrote", async () => {
    const { services } = await start();
    const before = Object.values(await pids()).filter((pid) => pid !== undefined);
    await removeServices({ directory });
    expect(await Promise.all(before.map(identify))).toEqual(before.map(() => undefined));
    expect([services.layout.local, services.layout.state].filter(existsSync)).toEqual([]);
    expect(await servicesStatus({ directory })).toEqual([]);
  });

  it("starts anew after a removal that it had to wait for", async () => {
    const before = await start();
    const gone = removeServices({ directory });
    // Else the start could be the first to have the lock, and the removal the one that waits.
    await expect.poll(() => existsSync(before.services.layout.lockFile), { interval: 2 }).toBe(true);
    const { services } = await start();
    await gone;
    expect((await servicesStatus({ directory }))[0]?.state).toBe("running");
    expect(existsSync(services.layout.lockFile)).toBe(false);
  });
});

const object = { Bucket: "lifecycle", Key: "key" };

async function writeEverywhere(services: Services): Promise<void> {
  const { database, redis, s3 } = await clients(services);
  try {
    await database.query("create table kept (value text)");
    await database.query("insert into kept values ('a row')");
    await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
    await s3.send(new PutObjectCommand({ ...object, Body: "an object" }));
    await redis.set("key", "a value");
    await redis.configSet("maxmemory-policy", "allkeys-lru");
    await redis.configRewrite();
  } finally {
    await database.end();
    redis.destroy();
  }
  const body = JSON.stringify({ text: "a call" });
  await fetch(`http://127.0.0.1:${services.ports.sink}/hooks/kept`, { method: "POST", body });
}

async function readEverywhere(services: Services): Promise<unknown[]> {
  const { database, redis, s3 } = await clients(services);
  try {
    const { rows } = await database.query("select value from kept");
    const { Body } = await s3.send(new GetObjectCommand(object));
    const [message] = await listMessages(`http://127.0.0.1:${services.ports.sink}`, { name: "kept" });
    const text = message?.kind === "webhook" ? JSON.parse(message.body).text : undefined;
    const { "maxmemory-policy": policy } = await redis.configGet("maxmemory-policy");
    return [rows[0]?.value, await Body?.transformToString(), await redis.get("key"), policy, text];
  } finally {
    await database.end();
    redis.destroy();
  }
}

async function clients(services: Services) {
  const environment = servicesEnvironment(services);
  const ca = await readFile(services.certificates.authority, "utf8");
  const url = new URL(environment.GREENLIGHT_DATABASE_URL ?? "");
  url.search = "";
  const database = new pg.Client({ connectionString: url.href, ssl: { ca } });
  const redis = createClient({ url: environment.GREENLIGHT_REDIS_URL ?? "", socket: { tls: true, ca } });
  redis.on("error", () => {});
  await Promise.all([database.connect(), redis.connect()]);
  return { database, redis, s3: awsClients(services).s3 };
}

function awsClients(services: Services) {
  const { awsAccessKeyId: accessKeyId, awsSecretAccessKey: secretAccessKey } = services.credentials;
  const settings = {
    endpoint: `http://127.0.0.1:${services.ports.aws}`,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
  };
  return {
    s3: new S3Client(settings),
    iam: new IAMClient(settings),
    cloudwatch: new CloudWatchClient(settings),
  };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
