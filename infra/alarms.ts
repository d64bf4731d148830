// Alarms by their rules, each telling the topic of its severity. Whether a message really arrives, and whether anything
// writes the metrics, is proven by the alarms step.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type AlarmDefinition, type AlarmRules, alarmDefinitions, type MissingData } from "./alarm-rules.ts";
import { AlarmTopics, type Channel, type Severity } from "./alarm-topics.ts";

export interface AlarmsArgs {
  /** The account whose alarms may publish, 12 digits. */
  accountId: string;
  /** KMS key of the topics. */
  keyArn: pulumi.Input<string>;
  /** The most that the roles may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string>;
  /** Where the metrics are written. @default the component's name */
  namespace?: string;
  channels?: { [S in Severity]?: Channel };
  rules: AlarmRules;
  /** Severities whose messages wait until a deployment is over. @default none */
  muted?: readonly Severity[];
}

/** An alarm as it must be found in CloudWatch. */
export interface Alarm {
  rule: keyof AlarmRules;
  /** Kebab-case, e.g. `queue-size`. */
  id: string;
  severity: Severity;
  condition: string;
  alarmName: pulumi.Output<string>;
  namespace: string;
  metricName: string;
  statistic?: "Average" | "Maximum" | "Minimum" | "Sum";
  extendedStatistic?: string;
  unit: string;
  comparisonOperator: string;
  threshold: number;
  periodSeconds: number;
  evaluationPeriods: number;
  datapointsToAlarm: number;
  treatMissingData: MissingData;
  /** Empty where a composite alarm tells. */
  alarmActions: pulumi.Output<string>[];
  /** The composite alarm that tells of it, except during a deployment. */
  message?: {
    alarmName: pulumi.Output<string>;
    alarmRule: pulumi.Output<string>;
    alarmActions: pulumi.Output<string>[];
  };
}

/** Metric that says that a deployment goes on, while it is above 0. */
export const DEPLOYING = "Deploying";

/** A topic a severity, a metric alarm a rule, and for muted severities a composite alarm that tells of it. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArns: { [S in Severity]: pulumi.Output<string> };
  readonly alarms: Alarm[];
  /** The namespace of all metrics. */
  readonly namespace: string;
  /** Name of the alarm that mutes others while it is in ALARM, where any is muted. */
  readonly deployingAlarm: pulumi.Output<string> | undefined;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Alarms", name, {}, opts);
    this.namespace = args.namespace ?? name;
    const { muted = [], ...topics } = args;
    this.topicArns = new AlarmTopics(name, topics, { parent: this }).arns;
    const deploying = muted.length > 0 ? this.deploying(name) : undefined;
    this.deployingAlarm = deploying?.name;
    this.alarms = alarmDefinitions(args.rules).map((definition) => {
      const quiet = muted.includes(definition.timing.severity ?? "P2");
      return this.alarm(name, definition, quiet ? deploying : undefined);
    });
    this.registerOutputs({ topicArns: this.topicArns });
  }

  /** Silence means that nothing is deployed: a deployment that died cannot mute anything for longer than it announced. */
  private deploying(name: string): aws.cloudwatch.MetricAlarm {
    return new aws.cloudwatch.MetricAlarm(
      `${name}-deploying`,
      {
        name: `${name}-deploying`,
        alarmDescription: `A deployment of ${name} goes on; mutes other alarms and tells nobody`,
        namespace: this.namespace,
        metricName: DEPLOYING,
        statistic: "Sum",
        unit: "Count",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 60,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        treatMissingData: "notBreaching",
      },
      { parent: this },
    );
  }

  private alarm(name: string, definition: AlarmDefinition, deploying?: aws.cloudwatch.MetricAlarm): Alarm {
    const { periodSeconds = 60, datapoints = 3, severity = "P2", runbook } = definition.timing;
    const topicArn = this.topicArns[severity];
    const { rule, id, condition, timing: _, statistic, ...measure } = definition;
    const counts = { evaluationPeriods: datapoints, datapointsToAlarm: datapoints };
    const told = deploying ? [] : [topicArn];
    const alarmName = `${name}-${id}`;
    const alarmDescription = [`${severity}: ${condition}`, runbook].filter(Boolean).join(" - ");
    const alarm = new aws.cloudwatch.MetricAlarm(
      alarmName,
      {
        name: alarmName,
        alarmDescription,
        namespace: this.namespace,
        ...measure,
        ...statistic,
        ...counts,
        alarmActions: told,
        okActions: told,
        period: periodSeconds,
        insufficientDataActions: measure.treatMissingData === "missing" ? [topicArn] : [],
      },
      { parent: this },
    );
    return {
      rule,
      id,
      severity,
      condition,
      alarmName: alarm.name,
      namespace: this.namespace,
      ...measure,
      ...statistic,
      ...counts,
      alarmActions: told,
      periodSeconds,
      message: deploying && this.message(alarmName, alarm, topicArn, deploying),
    };
  }

  /**
   * A rule and not a suppressor of actions: when the deployment is over and the alarm still stands, this alarm begins then
   * and tells of it, so nothing is lost in silence. One that stood before is told as OK meanwhile.
   */
  private message(
    name: string,
    alarm: aws.cloudwatch.MetricAlarm,
    topicArn: pulumi.Output<string>,
    deploying: aws.cloudwatch.MetricAlarm,
  ): NonNullable<Alarm["message"]> {
    const composite = new aws.cloudwatch.CompositeAlarm(
      `${name}-message`,
      {
        alarmName: `${name}-message`,
        alarmDescription: alarm.alarmDescription,
        alarmRule: pulumi.interpolate`ALARM("${alarm.name}") AND NOT ALARM("${deploying.name}")`,
        alarmActions: [topicArn],
        okActions: [topicArn],
      },
      { parent: this },
    );
    return {
      alarmName: composite.alarmName,
      alarmRule: composite.alarmRule,
      alarmActions: [topicArn],
    };
  }
}
