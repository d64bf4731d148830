// Dashboards in CloudWatch, and the same ones for Grafana as JSON. Whether their panels show data is proven by a check.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Measure } from "./agent-metrics.ts";
import type { AlarmRules } from "./alarm-rules.ts";
import { cloudwatchBody, grafanaDashboard } from "./dashboard-bodies.ts";
import { type Board, panelsOf } from "./dashboard-panels.ts";

export interface DashboardsArgs {
  accountId: string;
  region: string;
  /** Where the metrics are. */
  namespace: string;
  boards: readonly Board[];
  rules: AlarmRules;
  measures: { readonly [metricName: string]: Measure };
  /** Prefix of the names of the alarms. @default the component's name */
  alarmPrefix?: string;
}

/** A dashboard as it must be found. */
export interface Dashboard {
  /** Kebab-case, e.g. `queue-status`. */
  id: string;
  title: string;
  dashboardName: pulumi.Output<string>;
  /** CloudWatch's JSON. */
  body: string;
  namespace: string;
  /** What its panels show. */
  metrics: { metricName: string; statistic: string; unit: string }[];
}

/** One dashboard a board, `NAME-BOARD`. */
export class Dashboards extends pulumi.ComponentResource {
  readonly dashboards: Dashboard[];
  /** JSON for Grafana's import, by board; `greenlight grafana` writes it to files. */
  readonly grafana: { [board: string]: string };

  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Dashboards", name, {}, opts);
    const { accountId, region, namespace, rules, measures, alarmPrefix = name } = args;
    const drawn = args.boards.map((board) => ({ board, panels: panelsOf(board, rules, measures) }));
    this.dashboards = drawn.map(({ board, panels }) => {
      const arns = Object.fromEntries(
        panels.flatMap(({ alarm }) =>
          alarm ? [[alarm.id, alarmArn(region, accountId, `${alarmPrefix}-${alarm.id}`)]] : [],
        ),
      );
      const body = cloudwatchBody(panels, arns, { region, namespace });
      const made = new aws.cloudwatch.Dashboard(
        `${name}-${board.name}`,
        { dashboardName: `${name}-${board.name}`, dashboardBody: body },
        { parent: this },
      );
      return {
        id: board.name,
        title: board.title,
        dashboardName: made.dashboardName,
        body,
        namespace,
        metrics: panels.map(({ metricName, statistic, unit }) => ({ metricName, statistic, unit })),
      };
    });
    this.grafana = Object.fromEntries(
      drawn.map(({ board, panels }) => [
        board.name,
        grafanaDashboard(name, board, panels, { region, namespace }),
      ]),
    );
    this.registerOutputs({ grafana: this.grafana });
  }
}

/** Known before the alarm exists, so that a preview shows the whole dashboard. */
function alarmArn(region: string, accountId: string, alarmName: string): string {
  return `arn:aws:cloudwatch:${region}:${accountId}:alarm:${alarmName}`;
}
