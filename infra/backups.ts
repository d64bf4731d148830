// Where backups are kept, who may bring them there and who may fetch them. Taking and proving them is the backup step's work.
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { BackupRoles, onlyWrites, writerArnOf } from "./backup-roles.ts";
import { Replica } from "./replica.ts";
import { type Lifecycle, type Lock, SecureBucket } from "./secure-bucket.ts";
import { StoredSecret } from "./stored-secret.ts";

export interface BackupsArgs {
  /** The account, 12 digits, and the region of the bucket. */
  accountId: string;
  region: string;
  /** KMS key of every backup. */
  keyArn: pulumi.Input<string>;
  /** The exact name. @default made up from the component's name */
  bucketName?: string;
  /** Age at which a backup is deleted. @default 30 */
  retentionDays?: number;
  /** How long an overwritten or deleted backup can still be brought back. @default 30 */
  noncurrentDays?: number;
  /** @default backups stay in the standard class */
  transitions?: Lifecycle["transitions"];
  /** @default no lock */
  lock?: Lock;
  /** Another region that gets a copy of every backup, under a key of its own. @default none */
  replicaRegion?: string;
  /** Identities beside the deploying one that bring backups, as ARNs; they take the role `NAME-backup-writer`. @default no role */
  writers?: string[];
  /** Identities that fetch backups to restore them; they take the role `NAME-backup-reader`. @default no role */
  readers?: string[];
  /** Makes a key with which backups are encrypted before they leave the machine that makes them. @default true */
  sealed?: boolean;
  /** The most that the roles may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string>;
  accessLogBucket?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The backup bucket, its copy elsewhere, and its roles. */
export class Backups extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  /** The bucket of the copies in the other region. */
  readonly replicaBucketName: pulumi.Output<string> | undefined;
  readonly writerRoleArn: pulumi.Output<string> | undefined;
  readonly readerRoleArn: pulumi.Output<string> | undefined;
  /** The key of sealed backups, secret; kept in Secrets Manager as `NAME/backup-key`. */
  readonly sealingKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: BackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Backups", name, {}, opts);
    const parent = { parent: this };
    const { retentionDays = 30, noncurrentDays = 30, transitions, sealed = true } = args;
    const lifecycle = { expirationDays: retentionDays, noncurrentDays, transitions };
    const { bucketName, keyArn, lock, accessLogBucket, disposable } = args;
    const refusals = (bucketArn: pulumi.Output<string>): pulumi.Output<aws.iam.PolicyStatement[]> =>
      bucketArn.apply((arn) => (args.writers ? [onlyWrites(arn, writerArnOf(name, args.accountId))] : []));
    const roles = new BackupRoles(name, args, parent);
    const bucket = new SecureBucket(
      `${name}-backups`,
      { bucketName, keyArn, lock, accessLogBucket, disposable, lifecycle, policyStatements: refusals },
      // S3 refuses a policy that names a role that does not exist yet.
      { ...parent, dependsOn: roles.identities },
    );
    roles.allow(bucket.bucketArn, keyArn);
    const replica =
      args.replicaRegion === undefined
        ? undefined
        : new Replica(name, { ...args, source: bucket, region: args.replicaRegion, lifecycle }, parent);
    this.sealingKey = sealed ? this.makeSealingKey(name, args) : undefined;
    this.bucketName = bucket.bucketName;
    this.bucketArn = bucket.bucketArn;
    this.replicaBucketName = replica?.bucketName;
    this.writerRoleArn = roles.writerArn;
    this.readerRoleArn = roles.readerArn;
    this.registerOutputs({ bucketName: this.bucketName, replicaBucketName: this.replicaBucketName });
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
