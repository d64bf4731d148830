// The agent against a real HTTP endpoint, PostgreSQL, Redis and CloudWatch of the emulator; what it wrote is judged by the
// check that a deployment uses.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAgent } from "../../agent/agent.ts";
import { Looker } from "../../agent/look.ts";
import { type Metric, type Plan, plan } from "../../agent/plan.ts";
import { putReadings } from "../../agent/put.ts";
import { judgeDatapoints } from "../../checks/alarms/datapoints.ts";
import { step } from "../../checks/alarms.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
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
    await putReadings(client, NAMESPACE, taken, new Date());
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
