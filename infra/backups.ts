// Where backups are kept. Taking and proving them is the backup step's work.
import * as pulumi from "@pulumi/pulumi";
import { SecureBucket } from "./secure-bucket.ts";

export interface BackupsArgs {
  /** KMS key of every backup. */
  keyArn: pulumi.Input<string>;
  /** The exact name. @default made up from the component's name */
  bucketName?: string;
  /** Age at which a backup is deleted. @default 30 */
  retentionDays?: number;
  /** How long an overwritten or deleted backup can still be brought back. @default 30 */
  noncurrentDays?: number;
  /** Nobody can delete a backup before. @default no lock */
  lockDays?: number;
  accessLogBucket?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The backup bucket. */
export class Backups extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Backups", name, {}, opts);
    const { retentionDays = 30, noncurrentDays = 30, ...rest } = args;
    const bucket = new SecureBucket(
      `${name}-backups`,
      { ...rest, lifecycle: { expirationDays: retentionDays, noncurrentDays } },
      { parent: this },
    );
    this.bucketName = bucket.bucketName;
    this.bucketArn = bucket.bucketArn;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
