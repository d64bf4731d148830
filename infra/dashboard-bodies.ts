// The same panels in the two forms that dashboards are kept in.
import type { Board, Panel } from "./dashboard-panels.ts";

export interface BodyContext {
  region: string;
  namespace: string;
}

/** Columns of CloudWatch's grid, and how much a panel takes: two beside each other. */
const COLUMNS = 24;
const PANEL = { width: 12, height: 6 };

/** CloudWatch's dashboard body: the state of the alarms, then the panels. */
export function cloudwatchBody(
  panels: Panel[],
  alarmArns: { readonly [id: string]: string },
  { region, namespace }: BodyContext,
): string {
  const alarms = panels.flatMap(({ alarm }) => (alarm ? (alarmArns[alarm.id] ?? []) : []));
  const states = alarms.length > 0 ? [alarmStates(alarms)] : [];
  const top = states.length > 0 ? 2 : 0;
  const widgets = panels.map((panel, index) => ({
    type: "metric",
    x: (index * PANEL.width) % COLUMNS,
    y: top + Math.floor((index * PANEL.width) / COLUMNS) * PANEL.height,
    ...PANEL,
    properties: {
      title: panel.title,
      region,
      view: "timeSeries",
      metrics: [[namespace, panel.metricName]],
      stat: panel.statistic,
      period: panel.periodSeconds,
      yAxis: { left: { label: panel.unit, showUnits: false, min: 0 } },
      ...(panel.alarm && { annotations: { horizontal: [limitLine(panel.alarm)] } }),
    },
  }));
  return JSON.stringify({ widgets: [...states, ...widgets] });
}

function alarmStates(alarms: string[]) {
  return { type: "alarm", x: 0, y: 0, width: COLUMNS, height: 2, properties: { title: "Alarms", alarms } };
}

function limitLine({ severity, threshold, above }: NonNullable<Panel["alarm"]>) {
  return { label: `${severity} alarm`, value: threshold, fill: above ? "above" : "below" };
}

const GRAFANA_UNITS = { Count: "short", Percent: "percent", Milliseconds: "ms" } as const;
const GRAFANA = { width: 12, height: 8 };

/** A dashboard as Grafana imports it; it asks for its CloudWatch data source by the variable `datasource`. */
export function grafanaDashboard(
  system: string,
  board: Board,
  panels: Panel[],
  { region, namespace }: BodyContext,
): string {
  const datasource = { type: "cloudwatch", uid: "${datasource}" };
  return JSON.stringify({
    uid: `${system}-${board.name}`.slice(0, 40),
    title: `${system}: ${board.title}`,
    tags: [system, "greenlight"],
    schemaVersion: 39,
    editable: false,
    refresh: "1m",
    time: { from: "now-3h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "cloudwatch" }] },
    panels: panels.map((panel, index) => ({
      id: index + 1,
      type: "timeseries",
      title: panel.title,
      datasource,
      gridPos: {
        x: (index * GRAFANA.width) % COLUMNS,
        y: Math.floor((index * GRAFANA.width) / COLUMNS) * GRAFANA.height,
        w: GRAFANA.width,
        h: GRAFANA.height,
      },
      fieldConfig: {
        defaults: { unit: GRAFANA_UNITS[panel.unit], min: 0, ...limitOf(panel) },
        overrides: [],
      },
      targets: [
        {
          refId: "A",
          datasource,
          queryMode: "Metrics",
          metricQueryType: 0,
          metricEditorMode: 0,
          region,
          namespace,
          metricName: panel.metricName,
          dimensions: {},
          matchExact: true,
          statistic: panel.statistic,
          period: String(panel.periodSeconds),
        },
      ],
    })),
  });
}

function limitOf({ alarm }: Panel) {
  if (!alarm) return {};
  const [below, above] = alarm.above ? (["green", "red"] as const) : (["red", "green"] as const);
  return {
    custom: { thresholdsStyle: { mode: "line+area" } },
    thresholds: {
      mode: "absolute",
      steps: [
        { color: below, value: null },
        { color: above, value: alarm.threshold },
      ],
    },
  };
}
