// Where backups are kept. Taking and proving them is the backup step's work.
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { SecureBucket } from "./secure-bucket.ts";
import { StoredSecret } from "./stored-secret.ts";

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
  /** Makes a key with which backups are encrypted before they leave the machine that makes them. @default true */
  sealed?: boolean;
  accessLogBucket?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The backup bucket. */
export class Backups extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  /** The key of sealed backups, secret; kept in Secrets Manager as `NAME/backup-key`. */
  readonly sealingKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Backups", name, {}, opts);
    const { retentionDays = 30, noncurrentDays = 30, sealed = true, ...rest } = args;
    const bucket = new SecureBucket(
      `${name}-backups`,
      { ...rest, lifecycle: { expirationDays: retentionDays, noncurrentDays } },
      { parent: this },
    );
    this.sealingKey = sealed ? this.makeSealingKey(name, args) : undefined;
    this.bucketName = bucket.bucketName;
    this.bucketArn = bucket.bucketArn;
    this.registerOutputs({ bucketName: this.bucketName });
  }

  private makeSealingKey(name: string, { keyArn, disposable }: BackupsArgs): pulumi.Output<string> {
    const key = new random.RandomPassword(
      `${name}-backup-key`,
      { length: 64, special: false },
      // Without it no earlier backup can be read.
      { parent: this, protect: !disposable },
    );
    new StoredSecret(
      `${name}-backup-key`,
      {
        secretName: `${name}/backup-key`,
        description: `Opens the sealed backups of ${name}`,
        keyArn,
        value: key.result,
        disposable,
      },
      { parent: this },
    );
    return key.result;
  }
}
