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
    new aws.secretsmanager.SecretPolicy(
      `${name}-policy`,
      {
        secretArn: secret.arn,
        blockPublicPolicy: true,
        policy: pulumi.all([secret.arn, args.keyArn]).apply(([arn, keyArn]) => ownAccountOnly(arn, keyArn)),
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

/** The key is the account's own, so its ARN names the account. Who may read within the account is for IAM to say. */
function ownAccountOnly(secretArn: string, keyArn: string): string {
  const statement: aws.iam.PolicyStatement = {
    Sid: "OwnAccountOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "secretsmanager:*",
    Resource: secretArn,
    Condition: { StringNotEquals: { "aws:PrincipalAccount": keyArn.split(":")[4] ?? "" } },
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
