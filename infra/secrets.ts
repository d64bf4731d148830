// The application's environment as one secret: plain variables, given secrets, values that the stack makes up once, and
// addresses of what the stack holds. The application reads it at its start; nothing else carries the values.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makePassword, type PasswordArgs } from "./password.ts";
import { StoredSecret } from "./stored-secret.ts";

export interface SecretsArgs {
  keyArn: pulumi.Input<string>;
  /** Variables with their values; secret ones as outputs. */
  environment: { [variable: string]: pulumi.Input<string> };
  /** Variables that get a random value of letters and digits, kept from then on, and a new one with every generation. */
  generated?: { [variable: string]: PasswordArgs };
  /** @default false */
  disposable?: boolean;
}

/** The application's secret, `NAME/application`: a JSON object of variables. */
export class Secrets extends pulumi.ComponentResource {
  /** What the application is given to find its environment. */
  readonly secretName: pulumi.Output<string>;
  readonly secretArn: pulumi.Output<string>;
  /** Changes with the environment. */
  readonly versionId: pulumi.Output<string>;
  /** For the role of the machine or container that the application runs in: reads this secret and no other. */
  readonly policyArn: pulumi.Output<string>;
  /** All variables, for checks; secret as a whole. */
  readonly environment: pulumi.Output<{ [variable: string]: string }>;

  constructor(name: string, args: SecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Secrets", name, {}, opts);
    const parent = { parent: this };
    const generated = Object.entries(args.generated ?? {}).map(([variable, made]) => {
      const logicalName = `${name}-${variable.toLowerCase().replaceAll("_", "-")}`;
      return [variable, makePassword(logicalName, made, this)] as const;
    });
    const environment = pulumi.secret(pulumi.all({ ...args.environment, ...Object.fromEntries(generated) }));
    const stored = new StoredSecret(
      `${name}-application`,
      {
        secretName: `${name}/application`,
        description: `Environment of ${name}`,
        keyArn: args.keyArn,
        // Sorted, so that the order of settings makes no new version.
        value: environment.apply((variables) =>
          JSON.stringify(Object.fromEntries(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)))),
        ),
        disposable: args.disposable,
      },
      parent,
    );
    this.policyArn = new aws.iam.Policy(
      `${name}-application`,
      {
        name: `${name}-application`,
        description: `Reads the environment of ${name}`,
        policy: pulumi.all([stored.secretArn, args.keyArn]).apply(([arn, keyArn]) => readsOnly(arn, keyArn)),
      },
      parent,
    ).arn;
    this.secretName = stored.secretName;
    this.secretArn = stored.secretArn;
    this.versionId = stored.versionId;
    this.environment = environment;
    this.registerOutputs({ secretName: this.secretName, versionId: this.versionId });
  }
}

function readsOnly(secretArn: string, keyArn: string): string {
  const read = {
    Effect: "Allow",
    Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    Resource: secretArn,
  };
  const decrypt = {
    Effect: "Allow",
    Action: "kms:Decrypt",
    Resource: keyArn,
    // The key opens other secrets too, so only for this one.
    Condition: { StringEquals: { "kms:EncryptionContext:SecretARN": secretArn } },
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [read, decrypt] });
}
