// Probes of the public endpoints from outside, by Route 53 from several regions, each with an alarm. Runs as long as the stack
// is there, not only during a deployment. Route 53 writes its metrics in us-east-1 only, so the alarms have to be there.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { PROBE_REGION } from "./probe-region.ts";

export interface ProbesArgs {
  /** Where alarms tell; a topic of us-east-1. */
  topicArn: pulumi.Input<string>;
  /** Kebab-case name to address, http or https. */
  urls: { [name: string]: string };
  /** Seconds between two probes of one place, 10 or 30. @default 30 */
  requestIntervalSeconds?: 10 | 30;
  /** Probes in a row that must fail or be answered to change the verdict, 1 to 10. @default 3 */
  failureThreshold?: number;
  /** Part of the alarms' descriptions. */
  runbook?: string;
}

/** A health check and an alarm for each address. */
export class Probes extends pulumi.ComponentResource {
  /** By the probe's name. */
  readonly alarmNames: { [name: string]: pulumi.Output<string> };

  constructor(name: string, args: ProbesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Probes", name, {}, opts);
    this.alarmNames = Object.fromEntries(
      Object.entries(args.urls).map(([probe, url]) => [probe, this.probe(`${name}-${probe}`, url, args)]),
    );
    this.registerOutputs({ alarmNames: this.alarmNames });
  }

  private probe(name: string, address: string, args: ProbesArgs): pulumi.Output<string> {
    const { protocol, hostname, port, pathname, search } = new URL(address);
    const secure = protocol === "https:";
    const check = new aws.route53.HealthCheck(
      name,
      {
        type: secure ? "HTTPS" : "HTTP",
        fqdn: hostname,
        port: port === "" ? (secure ? 443 : 80) : Number(port),
        resourcePath: `${pathname}${search}`,
        requestInterval: args.requestIntervalSeconds ?? 30,
        failureThreshold: args.failureThreshold ?? 3,
        enableSni: secure,
        measureLatency: true,
        tags: { Name: name },
      },
      { parent: this },
    );
    return new aws.cloudwatch.MetricAlarm(
      `${name}-reachable`,
      {
        name: `${name}-reachable`,
        alarmDescription: [`P1: ${address} does not answer`, args.runbook].filter(Boolean).join(" - "),
        namespace: "AWS/Route53",
        metricName: "HealthCheckStatus",
        dimensions: { HealthCheckId: check.id },
        statistic: "Minimum",
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        period: 60,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        // Route 53 writes every minute: without a figure nobody knows.
        treatMissingData: "breaching",
        alarmActions: [args.topicArn],
        okActions: [args.topicArn],
        region: PROBE_REGION,
      },
      { parent: this },
    ).name;
  }
}
