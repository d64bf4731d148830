// Log groups in CloudWatch Logs: encrypted, kept for as long as the system's rules ask, their error lines counted, and
// handed on to an aggregator where there is one.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface LogsArgs {
  keyArn: pulumi.Input<string>;
  /** One group each, `/NAME/GROUP`. @default ["application"] */
  groups?: string[];
  /** A period that CloudWatch Logs knows. @default 30 */
  retentionDays?: number;
  /** CloudWatch Logs' own pattern of an error line, e.g. `"| ERROR |"`. @default none: nothing is counted */
  errorPattern?: string;
  /** Namespace of the metric `LogErrors`. @default the component's name */
  namespace?: string;
  /** Where every line goes beside. @default nowhere */
  subscription?: LogSubscription;
  /** @default false */
  disposable?: boolean;
}

/** A stream, function or destination that takes log lines. */
export interface LogSubscription {
  /** ARN of a Kinesis or Firehose stream, a Lambda function or a destination of another account. */
  destinationArn: string;
  /** Role that lets CloudWatch Logs write to a stream. */
  roleArn?: string;
  /** Which lines go. @default all */
  filterPattern?: string;
}

/** The system's log groups. */
export class Logs extends pulumi.ComponentResource {
  /** Full names, e.g. `/orders/application`. */
  readonly groupNames: pulumi.Output<string>[];

  constructor(name: string, args: LogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Logs", name, {}, opts);
    const { groups = ["application"], retentionDays = 30 } = args;
    this.groupNames = groups.map((group) => {
      const logicalName = `${name}-${group}`;
      const made = new aws.cloudwatch.LogGroup(
        logicalName,
        { name: `/${name}/${group}`, retentionInDays: retentionDays, kmsKeyId: args.keyArn },
        { parent: this, protect: !args.disposable },
      );
      this.countErrors(logicalName, made.name, args, name);
      this.handOn(logicalName, made.name, args.subscription);
      return made.name;
    });
    this.registerOutputs({ groupNames: this.groupNames });
  }

  /** All groups count into one metric, and write 0 while lines come that are none: silence means that no line came. */
  private countErrors(
    logicalName: string,
    logGroupName: pulumi.Output<string>,
    { errorPattern: pattern, namespace }: LogsArgs,
    name: string,
  ): void {
    if (pattern === undefined) return;
    const metricTransformation = {
      name: "LogErrors",
      namespace: namespace ?? name,
      value: "1",
      defaultValue: "0",
      unit: "Count",
    };
    new aws.cloudwatch.LogMetricFilter(
      `${logicalName}-errors`,
      { logGroupName, pattern, metricTransformation },
      { parent: this },
    );
  }

  private handOn(
    logicalName: string,
    logGroup: pulumi.Output<string>,
    subscription: LogSubscription | undefined,
  ): void {
    if (subscription === undefined) return;
    const { filterPattern = "", ...destination } = subscription;
    new aws.cloudwatch.LogSubscriptionFilter(
      `${logicalName}-aggregator`,
      { logGroup, filterPattern, ...destination },
      { parent: this },
    );
  }
}
