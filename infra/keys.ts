// The KMS keys of the stack, one a purpose, so that who may read backups need not be able to read secrets.
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeKey, USE_KEYS } from "./key.ts";

export interface KeysArgs {
  /** The account whose IAM policies decide who uses the keys, 12 digits. */
  accountId: string;
  /** Where the keys are, e.g. `us-east-1`. */
  region: string;
  /** A key of a disposable stack can be deleted after the shortest wait, 7 days. @default false: 30 days */
  disposable?: boolean;
}

/** Symmetric keys with yearly rotation and an alias each, `alias/NAME-PURPOSE`. */
export class Keys extends pulumi.ComponentResource {
  /** ARN of the key for secrets, cache and notifications. */
  readonly data: pulumi.Output<string>;
  /** ARN of the key for backups and release records. */
  readonly backups: pulumi.Output<string>;
  /** ARN of the key for log groups. */
  readonly logs: pulumi.Output<string>;

  constructor(name: string, args: KeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Keys", name, {}, opts);
    const make = (
      purpose: string,
      description: string,
      through: string[],
      services: aws.iam.PolicyStatement[] = [],
    ) => makeKey(`${name}-${purpose}`, { ...args, description, through, services }, this).arn;
    this.data = make(
      "data",
      "Secrets, cache and notifications",
      ["secretsmanager", "elasticache", "sns", "sqs"],
      [servicesMayNotify(args)],
    );
    // The key that opens sealed backups is itself a secret.
    this.backups = make("backups", "Backups and release records", ["s3", "secretsmanager"]);
    this.logs = make("logs", "Log groups", ["logs"], [logsMayEncrypt(args)]);
    this.registerOutputs({ data: this.data, backups: this.backups, logs: this.logs });
  }
}

/** Without it an alarm's message to an encrypted topic, or a topic's to an encrypted queue, is lost in silence. */
function servicesMayNotify({ accountId }: KeysArgs): aws.iam.PolicyStatement {
  return {
    Sid: "ServicesMayNotify",
    Effect: "Allow",
    Principal: { Service: ["cloudwatch.amazonaws.com", "sns.amazonaws.com"] },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}

function logsMayEncrypt({ accountId, region }: KeysArgs): aws.iam.PolicyStatement {
  const groups = `arn:aws:logs:${region}:${accountId}:log-group:*`;
  return {
    Sid: "LogsMayEncrypt",
    Effect: "Allow",
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: USE_KEYS,
    Resource: "*",
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups } },
  };
}
