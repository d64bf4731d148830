import { CloudWatchClient, PutDashboardCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { beforeAll, describe, expect, it } from "vitest";
import { step } from "../../checks/dashboards.ts";
import { latestDatapoint } from "../../checks/measures/cloudwatch.ts";
import type { Facts } from "../../checks/step/definition.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { runStep } from "./support/run-step.ts";

const namespace = `dashboards-test-${process.pid}`;
let client: CloudWatchClient;

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
  client = new CloudWatchClient({});
  const datum = (MetricName: string, more: object = {}) => ({
    MetricName,
    Value: 5,
    Timestamp: new Date(),
    ...more,
  });
  const old = new Date(Date.now() - 3_600_000);
  const MetricData = [
    datum("Jobs"),
    datum("Time", { Dimensions: [{ Name: "Queue", Value: "mail" }] }),
    datum("Old", { Timestamp: old }),
  ];
  await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
});

const panel = (metrics: unknown[], more: object = {}) => ({
  type: "metric",
  x: 0,
  y: 0,
  width: 12,
  height: 6,
  properties: { region: "us-east-1", metrics, stat: "Average", period: 60, ...more },
});
const text = { type: "text", x: 0, y: 0, width: 12, height: 2, properties: { markdown: "# Queue" } };

/** A dashboard that is there, and what is seen of it. */
async function look(widgets: object[], wanted?: object[], since: string[] = [], previous?: Facts) {
  const name = `${namespace}-${Math.random().toString(36).slice(2)}`;
  const body = JSON.stringify({ widgets });
  await client.send(new PutDashboardCommand({ DashboardName: name, DashboardBody: body }));
  const inputs = {
    dashboards: [
      { id: "queue", dashboardName: name, body: wanted ? JSON.stringify({ widgets: wanted }) : body },
    ],
    since,
    withinSeconds: 1,
  };
  return runStep(step, inputs, { previous });
}

describe("a dashboard", () => {
  it("passes when it is as defined and every series has a fresh datapoint", async () => {
    const { seen, facts } = await look([
      text,
      panel([[namespace, "Jobs"]]),
      panel([[namespace, "Time", "Queue", "mail", { stat: "p95" }]]),
    ]);
    expect(seen("defined-queue")).toMatchObject({ result: "passed", observed: "3 widgets, equal" });
    expect(seen("data-queue")).toMatchObject({ result: "passed", observed: "all 2 have" });
    expect(facts.queue).toEqual({ "Jobs Average": 5, "Time p95": 5 });
  });

  it.each([
    ["a metric that nobody writes", [[namespace, "Lost"]], "nothing in Lost after 1 s"],
    [
      "a datapoint from before",
      [
        [namespace, "Jobs"],
        [namespace, "Old"],
      ],
      "nothing in Old after 1 s",
    ],
    ["another dimension", [[namespace, "Time", "Queue", "orders"]], "nothing in Time after 1 s"],
    ["no series", [], "the dashboard shows no metric"],
  ])("fails for %s", async (_what, metrics, observed) => {
    expect((await look([panel(metrics)])).seen("data-queue")).toMatchObject({ result: "failed", observed });
  });

  it("may show what is written now and then, if it was since the release and something else is fresh", async () => {
    const since = [new Date(Date.now() - 7_200_000).toISOString()];
    const both = [
      panel([
        [namespace, "Jobs"],
        [namespace, "Old"],
      ]),
    ];
    expect((await look(both, undefined, since)).seen("data-queue").result).toBe("passed");
    const only = await look([panel([[namespace, "Old"]])], undefined, since);
    expect(only.seen("data-queue")).toMatchObject({ result: "failed" });
    expect(only.seen("data-queue").observed).toMatch(/^all have, but the newest is 3\d{3} s old$/);
  });

  it("remembers what it showed of this release when CloudWatch has forgotten it, and of no other release", async () => {
    const since = [new Date(Date.now() - 7_200_000).toISOString()];
    const widgets = [
      panel([
        [namespace, "Jobs"],
        [namespace, "Rare", "Queue", "mail"],
      ]),
    ];
    const first = await look(widgets, undefined, since);
    expect(first.seen("data-queue").observed).toMatch(/^nothing in Rare/);
    expect(first.facts.shownSeries).toMatchObject({ series: [expect.stringContaining("Jobs")] });
    const series = [JSON.stringify([namespace, "Rare", { Queue: "mail" }, "Average"])];
    const later = await look(widgets, undefined, since, { shownSeries: { release: since[0] ?? "", series } });
    expect(later.seen("data-queue")).toMatchObject({
      result: "passed",
      observed: "all 2 have, Rare in an earlier look",
    });
    expect(later.facts.shownSeries).toMatchObject({
      release: since[0],
      series: expect.arrayContaining(series),
    });
    const other = { shownSeries: { release: "2026-01-01T00:00:00.000Z", series } };
    expect((await look(widgets, undefined, since, other)).seen("data-queue").result).toBe("failed");
  });

  it("knows the newest datapoint to its own period, however far back it looks, and finds an old one", async () => {
    const times = [0, 3 * 86_400].map((seconds) => new Date(Date.now() - seconds * 1000));
    const MetricData = times.map((Timestamp, index) => ({ MetricName: `At${index}`, Value: 7, Timestamp }));
    await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
    const signal = AbortSignal.timeout(20_000);
    const asked = { namespace, dimensions: {}, statistic: "Average", periodSeconds: 60 };
    for (const days of [1, 6, 8, 10, 14]) {
      const found = await latestDatapoint({ ...asked, metricName: "At0" }, days * 86_400, signal);
      expect(found?.value).toBe(7);
      expect(Date.now() - (found?.at.getTime() ?? 0)).toBeLessThan(120_000);
    }
    expect(await latestDatapoint({ ...asked, metricName: "At1" }, 2 * 86_400, signal)).toBeUndefined();
    const old = await latestDatapoint({ ...asked, metricName: "At1" }, 5 * 86_400, signal);
    expect(Math.abs((old?.at.getTime() ?? 0) - (times[1]?.getTime() ?? 0))).toBeLessThan(400_000);
  });

  it("fails when somebody changed it, and when it is not there", async () => {
    const changed = await look(
      [panel([[namespace, "Jobs"]])],
      [panel([[namespace, "Jobs"]], { period: 300 })],
    );
    expect(changed.seen("defined-queue")).toMatchObject({
      result: "failed",
      observed: "1 widgets, changed since",
    });
    const absent = { id: "gone", dashboardName: `${namespace}-gone`, body: '{"widgets":[]}' };
    const { observations } = await runStep(step, { dashboards: [absent], withinSeconds: 1 });
    expect(observations).toMatchObject([
      { id: "defined-gone", result: "failed", observed: "no such dashboard" },
    ]);
  });
});
