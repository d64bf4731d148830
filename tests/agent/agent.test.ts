// The agent against a real HTTP endpoint, PostgreSQL, Redis and CloudWatch of the emulator; what it wrote is judged by the
// check that a deployment uses.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { runAgent } from "../../agent/agent.ts";
import { Looker } from "../../agent/look.ts";
import { type Metric, type Plan, plan } from "../../agent/plan.ts";
import { Readings } from "../../agent/put.ts";
import { lookAtCache } from "../../agent/sources/stores.ts";
import { judgeDatapoints } from "../../checks/alarms/datapoints.ts";
import { step } from "../../checks/alarms.ts";
import { openRedis } from "../../checks/redis-client.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { withServer } from "../checks/support/http-server.ts";
import { sharedServices } from "../support/services.ts";

const NAMESPACE = "agent-test";
let endpoint: Server;
let metricsUrl = "";
let folder = "";
let text = "";
const { signal } = new AbortController();

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  endpoint = createServer((_request, response) => response.end(text)).listen(0, "127.0.0.1");
  await new Promise((resolve) => endpoint.once("listening", resolve));
  metricsUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/metrics`;
  folder = await mkdtemp(join(tmpdir(), "greenlight-agent-"));
});

afterAll(async () => {
  endpoint.close();
  await rm(folder, { recursive: true });
});

const planOf = (metrics: Metric[], change: Partial<Plan> = {}): Plan =>
  plan().parse({ namespace: NAMESPACE, intervalSeconds: 1, metrics, metricsUrls: [metricsUrl], ...change });

const metric = (name: string, unit: Metric["unit"], source: Metric["source"]): Metric => ({
  name,
  unit,
  source,
});

const judged = (
  metricName: string,
  unit: string,
  statistic: { statistic?: "Average" | "Sum"; extendedStatistic?: string },
) =>
  step.inputs().parse({
    alarms: [
      {
        id: "one",
        alarmName: "agent-test-one",
        namespace: NAMESPACE,
        metricName,
        unit,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 1,
        periodSeconds: 60,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        alarmActions: ["arn:topic"],
        ...statistic,
      },
    ],
  }).alarms;

describe("the agent", () => {
  it("writes what two looks at an application tell, and CloudWatch makes exact figures of it", async () => {
    const look = new Looker(
      planOf([
        metric("Failures", "Percent", {
          kind: "share",
          family: "jobs_total",
          part: { result: "failed" },
          whole: {},
        }),
        metric("Times", "Milliseconds", { kind: "durations", family: "seconds", labels: {} }),
        metric("Waiting", "Count", { kind: "gauge", family: "waiting", labels: {} }),
      ]),
      { s3: new S3Client({}) },
    );
    text = metricsText({ failed: 4, completed: 10, fast: 10, slow: 0 });
    const first = await look.look(signal);
    expect(first.taken.map(({ metric: { name } }) => name)).toEqual(["Failures", "Waiting"]);
    text = metricsText({ failed: 5, completed: 29, fast: 19, slow: 1 });
    const { taken, faults } = await look.look(signal);
    expect(faults).toEqual([]);
    const client = new CloudWatchClient({});
    const readings = new Readings(client, planOf([]));
    readings.add(taken, new Date());
    await readings.send(signal);
    const seen = async (name: string, unit: string, statistic: Parameters<typeof judged>[2]) =>
      (await judgeDatapoints(client, judged(name, unit, statistic), 1, signal))[0];
    expect(await seen("Failures", "Percent", { statistic: "Average" })).toMatchObject({ result: "passed" });
    expect((await seen("Failures", "Percent", { statistic: "Average" }))?.observed).toMatch(/^5 \(Average\)/);
    expect((await seen("Times", "Milliseconds", { extendedStatistic: "p95" }))?.observed).toMatch(/^\d+/);
    expect((await seen("Waiting", "Count", { statistic: "Average" }))?.observed).toMatch(/^7 /);
    // An alarm in another unit would never see these datapoints.
    expect((await seen("Waiting", "Percent", { statistic: "Average" }))?.result).toBe("failed");
    expect((await seen("Nobody", "Count", { statistic: "Average" }))?.result).toBe("failed");
  });

  it("reads machine, database and Redis, and counts a store that is away as an error", async () => {
    const { GREENLIGHT_DATABASE_URL: databaseUrl, GREENLIGHT_REDIS_URL: cacheUrl } = process.env;
    const metrics = [
      metric("Memory", "Percent", { kind: "memory" }),
      metric("Disk", "Percent", { kind: "diskFree", path: folder }),
      metric("Errors", "Count", { kind: "databaseErrors" }),
      metric("Connections", "Count", { kind: "databaseConnections" }),
      metric("CacheErrors", "Count", { kind: "cacheErrors" }),
      metric("CacheMemory", "Percent", { kind: "cacheMemory" }),
    ];
    const cacheCaFile = process.env.GREENLIGHT_CA_FILE;
    const options = { s3: new S3Client({}), cacheCaFile };
    const there = new Looker(planOf(metrics, { metricsUrls: [metricsUrl], databaseUrl, cacheUrl }), options);
    text = "up 1\n";
    const { taken, faults } = await there.look(signal);
    expect(faults).toEqual([]);
    const values = Object.fromEntries(taken.map((one) => [one.metric.name, one.reading.values[0] ?? -1]));
    expect(values).toMatchObject({ Errors: 0, CacheErrors: 0 });
    expect(Object.keys(values)).toHaveLength(metrics.length);
    const nowhere = {
      databaseUrl: "postgresql://a:b@127.0.0.1:1/c?sslmode=disable",
      cacheUrl: "redis://127.0.0.1:1",
    };
    const away = await new Looker(planOf(metrics, nowhere), options).look(signal);
    const errors = Object.fromEntries(away.taken.map((one) => [one.metric.name, one.reading.values[0]]));
    expect(errors).toMatchObject({ Errors: 1, CacheErrors: 1 });
    expect(errors).not.toHaveProperty("Connections");
    expect(away.faults.join()).toContain("127.0.0.1:1/c");
    expect(away.faults.join()).not.toContain("a:b@");
  });

  it("writes no datapoint for what it cannot read, and says why", async () => {
    const wanted = [metric("Gone", "Count", { kind: "gauge", family: "gone", labels: {} })];
    text = "up 1\n";
    const { taken, faults } = await new Looker(planOf(wanted), { s3: new S3Client({}) }).look(signal);
    expect(taken).toEqual([]);
    expect(faults).toEqual([
      'Gone: metrics: no series of "gone", want some; correct the name in greenlight:agent',
    ]);
  });

  it("ships the log, counts its error lines, and sends nothing twice", async () => {
    const group = "/agent-test/application";
    const logs = new CloudWatchLogsClient({});
    await logs.send(new CreateLogGroupCommand({ logGroupName: group }));
    const file = join(folder, "application.log");
    const time = new Date().toISOString();
    await writeFile(file, `${time} | INFO | main | Started {}\n${time} | ERROR | queue | Failed {}\n`);
    const given = planOf([metric("LogErrors", "Count", { kind: "logErrors" })], {
      log: { file, group, errorPattern: "\\| ERROR \\|" },
    });
    text = "up 1\n";
    const told: string[] = [];
    await runAgent(given, { signal, once: true, log: (line) => told.push(line) });
    await runAgent(given, { signal, once: true, log: (line) => told.push(line) });
    expect(told).toEqual([]);
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
    expect(events.map(({ message }) => message?.split(" | ")[1])).toEqual(["INFO", "ERROR"]);
    const [errors] = await judgeDatapoints(
      new CloudWatchClient({}),
      judged("LogErrors", "Count", { statistic: "Sum" }),
      1,
      signal,
    );
    expect(errors?.observed).toMatch(/^1 \(Sum\)/);
  });

  it("leaves out what is no number, and writes the others", async () => {
    const gauge = (name: string, family: string) =>
      metric(name, "Count", { kind: "gauge", family, labels: {} });
    const wanted = [gauge("Temperature", "temp"), gauge("Most", "most"), gauge("Queue", "q")];
    text = "temp NaN\nmost +Inf\nq 3\n";
    const { taken, faults } = await new Looker(planOf(wanted), { s3: new S3Client({}) }).look(signal);
    expect(taken.map(({ metric: { name }, reading }) => [name, reading.values])).toEqual([["Queue", [3]]]);
    expect(faults).toEqual([
      "Temperature: no number: NaN, want one; correct its source",
      "Most: no number: Infinity, want one; correct its source",
    ]);
  });

  it("tells two metrics the same error lines", async () => {
    const wanted = ["One", "Two"].map((name) => metric(name, "Count", { kind: "logErrors" }));
    let errors = 7;
    const errorLines = () => errors--;
    const { taken } = await new Looker(planOf(wanted), { s3: new S3Client({}), errorLines }).look(signal);
    expect(taken.map(({ reading }) => reading.values)).toEqual([[7], [7]]);
  });
});

/** Answers no connection. */
async function silentPort(greeting?: (asked: string) => string): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => socket.write(greeting?.(bytes.toString()) ?? ""));
    onTestFinished(() => void socket.destroy());
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** All services of AWS at one address of this test. */
function stubAws(url: string): void {
  const variables = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nothing",
  };
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_ENDPOINT_URL_")) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...variables, AWS_ENDPOINT_URL: url }))
    vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe("what never answers", () => {
  it.each(["log", "metrics"])("does not keep the agent from its end: %s", async (what) => {
    stubAws(`http://127.0.0.1:${await silentPort()}`);
    const file = join(folder, `silent-${what}.log`);
    await writeFile(file, "one\n");
    const log = what === "log" ? { log: { file, group: "/g", errorPattern: "E" } } : {};
    const told: string[] = [];
    const stop = AbortSignal.timeout(100);
    await runAgent(planOf([], log), { signal: stop, log: (line) => told.push(line) });
    expect(told).toEqual([]);
  });

  it("is told when its time is over, and the agent goes on", async () => {
    stubAws(`http://127.0.0.1:${await silentPort()}`);
    const { timeout } = AbortSignal;
    const limits = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout(ms / 100));
    onTestFinished(() => void limits.mockRestore());
    const file = join(folder, "late.log");
    await writeFile(file, "one\n");
    const given = planOf([], { metricsUrls: [], log: { file, group: "/g", errorPattern: "E" } });
    const told: string[] = [];
    await runAgent(given, { signal, once: true, log: (line) => told.push(line) });
    const words = "not sent within 30 s; does AWS answer this machine?";
    expect(told).toEqual(["no metricsUrls", `log: ${words}`, `metrics: ${words}`]);
  });

  // Redis with and without an answer to the client's greeting.
  it.each([
    ["at all", () => ""],
    [
      "to a question",
      (asked: string) => (/LLEN|INFO/.test(asked) ? "" : "+OK\r\n".repeat(asked.split("*").length - 1)),
    ],
  ])("is an error of Redis, which does not answer %s", async (_what, greeting) => {
    const url = `redis://127.0.0.1:${await silentPort(greeting)}`;
    const late = await lookAtCache(url, ["queue"], { signal, seconds: 0.3 });
    expect(late).toMatchObject({ errors: { values: [1] }, error: expect.stringContaining("within 0.3 s") });
    const stopped = await lookAtCache(url, ["queue"], { signal: AbortSignal.timeout(100) });
    expect(stopped.errors.values).toEqual([1]);
  });

  it("takes no key of another type for an error of Redis, and tells of it", async () => {
    const url = process.env.GREENLIGHT_REDIS_URL ?? "";
    const caFile = process.env.GREENLIGHT_CA_FILE;
    const session = await openRedis(url, { caFile, signal });
    const key = `agent-test-${process.pid}`;
    onTestFinished(async () => {
      await session.send(["DEL", key]);
      session.close();
    });
    await session.send(["ZADD", key, "1", "job"]);
    const look = await lookAtCache(url, [key], { caFile, signal });
    expect(look).toMatchObject({
      errors: { values: [0] },
      memory: { values: [expect.any(Number)] },
      error: expect.stringContaining(`Redis: LLEN ${key}: WRONGTYPE`),
    });
    expect(look.lengths.size).toBe(0);
  });
});

describe("what could not be written", () => {
  interface Sent {
    MetricData: { MetricName: string; Timestamp: number; Values?: number[]; StorageResolution?: number }[];
  }
  /** Runs the agent against a CloudWatch that answers as told, until that ends it. */
  async function sent(plan: Plan, refusal: (put: number, stop: () => void) => string | undefined) {
    const stop = new AbortController();
    const accepted: Sent[] = [];
    const told: string[] = [];
    let puts = 0;
    await withServer(
      (request, response, body) => {
        response.setHeader("content-type", "application/x-amz-json-1.0");
        if (!/PutMetricData/.test(String(request.headers["x-amz-target"]))) return void response.end("{}");
        const type = refusal(++puts, () => stop.abort());
        response.statusCode = type === undefined ? 200 : 400;
        if (type === undefined) accepted.push(JSON.parse(body));
        response.end(type === undefined ? "{}" : JSON.stringify({ __type: type, message: "no" }));
      },
      async (url) => {
        stubAws(url);
        await runAgent(plan, { signal: stop.signal, log: (line) => told.push(line) });
      },
    );
    return { accepted: accepted.map(({ MetricData }) => MetricData), told };
  }

  it.each([
    "InvalidFormat",
    "AccessDenied",
  ])("is written with its own time by a later look: %s", async (type) => {
    const file = join(folder, `refused-${type}.log`);
    await writeFile(file, "ERROR a\nERROR b\n");
    const given = planOf([metric("Errors", "Count", { kind: "logErrors" })], {
      intervalSeconds: 0.5,
      metricsUrls: [],
      log: { file, group: "/g", errorPattern: "ERROR" },
    });
    // The first look's is refused once; the third one to be accepted is of the third look.
    const { accepted } = await sent(given, (put, stop) => {
      if (put === 4) stop();
      return put === 1 ? type : undefined;
    });
    const errors = accepted.map((data) => data.find(({ MetricName }) => MetricName === "Errors"));
    expect(errors.slice(0, 2).map((one) => one?.Values)).toEqual([[2], [0]]);
    expect(errors[1]?.Timestamp).toBeGreaterThan(errors[0]?.Timestamp ?? Number.POSITIVE_INFINITY);
  });

  it.each([
    [true, 1],
    [false, undefined],
  ])("is kept by the second where alarms have periods under a minute: %s", async (highResolution, kept) => {
    const given = planOf([metric("Cpu", "Percent", { kind: "memory" })], { metricsUrls: [], highResolution });
    const { accepted } = await sent(given, (_put, stop) => {
      stop();
      return undefined;
    });
    expect(accepted[0]?.map(({ MetricName, StorageResolution }) => [MetricName, StorageResolution])).toEqual([
      ["AgentHeartbeat", kept],
      ["Cpu", kept],
    ]);
  });

  it("does not hold up the others where it is wrong in itself, and is given up then", async () => {
    const refused: string[] = [];
    const client = new CloudWatchClient({});
    const wrong = Object.assign(new Error("no"), { name: "InvalidParameterValueException" });
    const send = vi.spyOn(client, "send").mockImplementation(async (command) => {
      const [, { MetricName = "" } = {}] = (command.input as { MetricData: { MetricName: string }[] })
        .MetricData;
      refused.push(MetricName);
      if (MetricName === "Wrong") throw wrong;
    });
    const readings = new Readings(client, planOf([]));
    const add = (name: string) =>
      readings.add(
        [{ metric: metric(name, "Count", { kind: "cpu" }), reading: { values: [1], counts: [1] } }],
        new Date(),
      );
    add("Wrong");
    add("Good");
    await expect(readings.send(signal)).rejects.toThrow("no");
    await expect(readings.send(signal)).rejects.toThrow("no");
    await expect(readings.send(signal)).rejects.toThrow("no");
    await readings.send(signal);
    expect(refused).toEqual(["Wrong", "Good", "Wrong", "Wrong"]);
    // CloudWatch is away: a bounded number of looks waits, and the newest are kept.
    send.mockRejectedValue(new Error("away"));
    for (let look = 0; look < 130; look++) add(`Look${look}`);
    await expect(readings.send(signal)).rejects.toThrow("away");
    refused.length = 0;
    send.mockImplementation(async (command) => {
      refused.push(
        (command.input as { MetricData: { MetricName: string }[] }).MetricData[1]?.MetricName ?? "",
      );
    });
    await readings.send(signal);
    expect([refused.length, refused[0], refused.at(-1)]).toEqual([120, "Look10", "Look129"]);
  });
});

function metricsText(counts: { failed: number; completed: number; fast: number; slow: number }): string {
  return [
    `jobs_total{result="failed"} ${counts.failed}`,
    `jobs_total{result="completed"} ${counts.completed}`,
    `seconds_bucket{le="0.1"} ${counts.fast}`,
    `seconds_bucket{le="2.5"} ${counts.fast + counts.slow}`,
    `seconds_bucket{le="+Inf"} ${counts.fast + counts.slow}`,
    "waiting 7",
  ].join("\n");
}
