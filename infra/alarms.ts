// Alarms, and the topics by severity that tell people. Whether a message really arrives is proven by the alarms step.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmDefinition, type AlarmRules, alarmDefinitions } from "./alarm-rules.ts";

export type Severity = "P1" | "P2" | "P3";

/** Who is told. */
export interface Channel {
  emails?: string[];
  /** http or https addresses that confirm their subscription by themselves. */
  webhooks?: pulumi.Input<string>[];
}

export interface AlarmsArgs {
  /** The account whose alarms may publish, 12 digits. */
  accountId: string;
  /** KMS key of the topics. */
  keyArn: pulumi.Input<string>;
  /** Where the metrics are written. @default the component's name */
  namespace?: string;
  channels?: { [S in Severity]?: Channel };
  rules: AlarmRules;
}

/** An alarm as it must be found in CloudWatch. */
export interface Alarm {
  rule: keyof AlarmRules;
  /** Kebab-case, e.g. `queue-size`. */
  id: string;
  alarmName: pulumi.Output<string>;
  namespace: string;
  metricName: string;
  statistic?: "Average" | "Maximum" | "Sum";
  extendedStatistic?: string;
  unit: string;
  comparisonOperator: string;
  threshold: number;
  periodSeconds: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: "missing" | "notBreaching";
  alarmActions: pulumi.Output<string>[];
}

/** One topic a severity and one metric alarm a rule. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArns: { [S in Severity]: pulumi.Output<string> };
  readonly alarms: Alarm[];
  /** The namespace of all metrics. */
  readonly namespace: string;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Alarms", name, {}, opts);
    this.namespace = args.namespace ?? name;
    const topic = (severity: Severity) => this.topic(name, severity, args);
    this.topicArns = { P1: topic("P1"), P2: topic("P2"), P3: topic("P3") };
    this.alarms = alarmDefinitions(args.rules).map((definition) => this.alarm(name, definition));
    this.registerOutputs({ topicArns: this.topicArns });
  }

  private topic(name: string, severity: Severity, args: AlarmsArgs): pulumi.Output<string> {
    const parent = { parent: this };
    const logicalName = `${name}-${severity.toLowerCase()}`;
    const topic = new aws.sns.Topic(logicalName, { kmsMasterKeyId: args.keyArn }, parent);
    new aws.sns.TopicPolicy(
      `${logicalName}-policy`,
      { arn: topic.arn, policy: topic.arn.apply((arn) => publishPolicy(arn, args.accountId)) },
      parent,
    );
    const { emails = [], webhooks = [] } = args.channels?.[severity] ?? {};
    for (const [index, endpoint] of emails.entries())
      new aws.sns.TopicSubscription(
        `${logicalName}-email-${index}`,
        { topic: topic.arn, protocol: "email", endpoint },
        parent,
      );
    for (const [index, webhook] of webhooks.entries()) {
      const endpoint = pulumi.output(webhook);
      // The scheme alone is no secret, and a secret one would hide the whole subscription's plan.
      const protocol = pulumi.unsecret(endpoint.apply((url) => new URL(url).protocol.slice(0, -1)));
      new aws.sns.TopicSubscription(
        `${logicalName}-webhook-${index}`,
        { topic: topic.arn, protocol, endpoint, endpointAutoConfirms: true },
        { ...parent, additionalSecretOutputs: ["endpoint"] },
      );
    }
    return topic.arn;
  }

  private alarm(name: string, definition: AlarmDefinition): Alarm {
    const { periodSeconds = 60, datapoints = 3, severity = "P2", runbook } = definition.timing;
    const topicArn = this.topicArns[severity];
    const { rule, id, condition, timing: _, ...wanted } = definition;
    const { namespace } = this;
    const actions = { alarmActions: [topicArn] };
    const counts = { evaluationPeriods: datapoints, datapointsToAlarm: datapoints };
    const { statistic, ...measure } = wanted;
    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-${id}`,
      {
        name: `${name}-${id}`,
        alarmDescription: [`${severity}: ${condition}`, runbook].filter(Boolean).join(" - "),
        namespace,
        ...measure,
        ...statistic,
        ...counts,
        ...actions,
        period: periodSeconds,
        okActions: [topicArn],
        insufficientDataActions: wanted.treatMissingData === "missing" ? [topicArn] : [],
      },
      { parent: this },
    );
    return {
      rule,
      id,
      alarmName: alarm.name,
      namespace,
      ...measure,
      ...statistic,
      ...counts,
      ...actions,
      periodSeconds,
    };
  }
}

function publishPolicy(topicArn: string, accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsPublish",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
