import { beforeEach, describe, expect, it } from "vitest";
import { dashboardsOf } from "../../greenlight/commands/grafana.ts";
import { alarmDefinitions } from "../../infra/alarm-rules.ts";
import { panelsOf } from "../../infra/dashboard-panels.ts";
import { Dashboards } from "../../infra/dashboards.ts";
import { inputsOf, made, recordResources } from "./support/mocks.ts";

const rules = {
  queueSize: { aboveJobs: 1000, periodSeconds: 300 },
  diskFree: { belowPercent: 10, severity: "P1" as const },
};
const measures = {
  JobTime: {
    unit: "Milliseconds" as const,
    source: { kind: "durations" as const, family: "job_seconds", labels: {} },
  },
};
const board = { name: "queue-status", title: "Queue status", show: ["queueSize", "JobTime", "diskFree"] };
const context = { accountId: "123456789012", region: "us-east-1", namespace: "orders" };

beforeEach(recordResources);

async function bodies() {
  const { grafana } = await made(new Dashboards("orders", { ...context, boards: [board], rules, measures }));
  const { dashboardBody, dashboardName } = inputsOf("aws:cloudwatch/dashboard:Dashboard");
  return {
    dashboardName,
    cloudwatch: JSON.parse(String(dashboardBody)).widgets,
    grafana: JSON.parse(grafana["queue-status"] ?? ""),
  };
}

describe("Dashboards", () => {
  it("show the very metrics, statistics, periods and limits of the alarms, in both forms", async () => {
    const { cloudwatch, grafana } = await bodies();
    for (const definition of alarmDefinitions(rules)) {
      const { metricName, threshold, timing } = definition;
      const widget = cloudwatch.find((one: { properties: { metrics?: string[][] } }) =>
        one.properties.metrics?.some((metric) => metric[1] === metricName),
      );
      expect(widget.properties).toMatchObject({
        metrics: [["orders", metricName]],
        period: timing.periodSeconds ?? 60,
      });
      expect(widget.properties.annotations.horizontal[0].value).toBe(threshold);
      const panel = grafana.panels.find(
        (one: { targets: { metricName: string }[] }) => one.targets[0]?.metricName === metricName,
      );
      expect(panel.targets[0]).toMatchObject({ namespace: "orders", statistic: widget.properties.stat });
      expect(panel.fieldConfig.defaults.thresholds.steps[1].value).toBe(threshold);
    }
  });

  it("list the alarms of the board by their state first", async () => {
    const { dashboardName, cloudwatch } = await bodies();
    expect(dashboardName).toBe("orders-queue-status");
    const arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:orders-";
    expect(cloudwatch[0]).toMatchObject({
      type: "alarm",
      properties: { alarms: [`${arn}queue-size`, `${arn}disk-free`] },
    });
  });

  it("show a metric without an alarm by the statistic of its source, and without a limit", async () => {
    const { cloudwatch, grafana } = await bodies();
    expect(cloudwatch[2].properties).toMatchObject({ title: "Job time", stat: "p95" });
    expect(cloudwatch[2].properties).not.toHaveProperty("annotations");
    expect(grafana.panels[1].fieldConfig.defaults).not.toHaveProperty("thresholds");
  });

  it("lay panels out two beside each other without overlap", async () => {
    const { cloudwatch } = await bodies();
    const places = cloudwatch.map(({ x, y }: { x: number; y: number }) => `${x},${y}`);
    expect(places).toEqual(["0,0", "0,2", "12,2", "0,8"]);
  });

  it("colour the side of the limit that is wrong", async () => {
    const { grafana } = await bodies();
    const colours = [0, 2].map((index) =>
      grafana.panels[index].fieldConfig.defaults.thresholds.steps.map(
        ({ color }: { color: string }) => color,
      ),
    );
    expect(colours).toEqual([
      ["green", "red"],
      ["red", "green"],
    ]);
  });

  it("refuse what is neither a rule nor a measure", () => {
    expect(() => panelsOf({ ...board, show: ["cpu"] }, rules, measures)).toThrow(
      'dashboard "queue-status": "cpu" is neither a rule of greenlight:alarms nor a measure of greenlight:agent; correct it',
    );
  });
});

describe("greenlight grafana", () => {
  it("finds the dashboards in a stack's state", () => {
    const resource = { type: "greenlight:infra:Dashboards", outputs: { grafana: { a: "{}" } } };
    expect(dashboardsOf({ resources: [{ type: "other" }, resource] })).toEqual([["a", "{}"]]);
    expect(() => dashboardsOf({ resources: [] })).toThrow("no dashboard in the stack's state");
    // A stack that was never updated.
    expect(() => dashboardsOf({})).toThrow("no dashboard in the stack's state");
  });
});
