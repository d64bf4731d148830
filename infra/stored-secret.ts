// One secret in AWS Secrets Manager. Names and versions are outputs; values never are.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface StoredSecretArgs {
  /** Full name, e.g. `orders/application`. */
  secretName: string;
  description: string;
  keyArn: pulumi.Input<string>;
  /** The value. */
  value: pulumi.Input<string>;
  /** A disposable secret is gone at once when deleted. @default false: can be brought back for 30 days */
  disposable?: boolean;
}

/** A secret and its current version. */
export class StoredSecret extends pulumi.ComponentResource {
  readonly secretArn: pulumi.Output<string>;
  readonly secretName: pulumi.Output<string>;
  /** Changes with every new value. */
  readonly versionId: pulumi.Output<string>;

  constructor(name: string, args: StoredSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:StoredSecret", name, {}, opts);
    const secret = new aws.secretsmanager.Secret(
      name,
      {
        name: args.secretName,
        description: args.description,
        kmsKeyId: args.keyArn,
        recoveryWindowInDays: args.disposable ? 0 : 30,
      },
      { parent: this },
    );
    const version = new aws.secretsmanager.SecretVersion(
      `${name}-value`,
      { secretId: secret.id, secretString: pulumi.secret(args.value) },
      { parent: this },
    );
    this.secretArn = secret.arn;
    this.secretName = secret.name;
    this.versionId = version.versionId;
    this.registerOutputs({ secretArn: this.secretArn, versionId: this.versionId });
  }
}
