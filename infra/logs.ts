// Log groups in CloudWatch Logs: encrypted, and kept for as long as the system's rules ask.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface LogsArgs {
  keyArn: pulumi.Input<string>;
  /** One group each, `/NAME/GROUP`. @default ["application"] */
  groups?: string[];
  /** A period that CloudWatch Logs knows. @default 30 */
  retentionDays?: number;
}

/** The system's log groups. */
export class Logs extends pulumi.ComponentResource {
  /** Full names, e.g. `/orders/application`. */
  readonly groupNames: pulumi.Output<string>[];

  constructor(name: string, args: LogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Logs", name, {}, opts);
    this.groupNames = (args.groups ?? ["application"]).map(
      (group) =>
        new aws.cloudwatch.LogGroup(
          `${name}-${group}`,
          { name: `/${name}/${group}`, retentionInDays: args.retentionDays ?? 30, kmsKeyId: args.keyArn },
          { parent: this },
        ).name,
    );
    this.registerOutputs({ groupNames: this.groupNames });
  }
}
