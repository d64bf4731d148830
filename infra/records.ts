// Where release records are kept: what was deployed, by whom, with which evidence. They do not expire.
import * as pulumi from "@pulumi/pulumi";
import { type Lock, SecureBucket } from "./secure-bucket.ts";

export interface RecordsArgs {
  /** KMS key of every record. */
  keyArn: pulumi.Input<string>;
  /** The exact name. @default made up from the component's name */
  bucketName?: string;
  /** @default no lock */
  lock?: Lock;
  accessLogBucket?: pulumi.Input<string>;
  /** @default false */
  disposable?: boolean;
}

/** The bucket of release records. */
export class Records extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;

  constructor(name: string, args: RecordsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Records", name, {}, opts);
    const bucket = new SecureBucket(
      `${name}-records`,
      { ...args, lifecycle: { noncurrentDays: 365 } },
      { parent: this },
    );
    this.bucketName = bucket.bucketName;
    this.registerOutputs({ bucketName: this.bucketName });
  }
}
