// Where the logs of every release are copied to, so that they outlive the machine.
import * as pulumi from "@pulumi/pulumi";
import { SecureBucket } from "./secure-bucket.ts";

export interface LogArchiveArgs {
  /** KMS key of every copy. */
  keyArn: pulumi.Input<string>;
  /** The exact name. @default made up from the component's name */
  bucketName?: string;
  /** Age at which a copy is deleted. */
  retentionDays: number;
  accessLogBucket?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The bucket of the releases' logs. */
export class LogArchive extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: LogArchiveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:LogArchive", name, {}, opts);
    const { retentionDays: expirationDays, ...given } = args;
    const bucket = new SecureBucket(
      `${name}-log-archive`,
      { ...given, lifecycle: { expirationDays } },
      { parent: this },
    );
    this.bucketName = bucket.bucketName;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
