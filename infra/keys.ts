// The KMS keys of the stack, one a purpose, so that who may read backups need not be able to read secrets.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

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
    const make = (purpose: string, description: string, services: aws.iam.PolicyStatement[]) => {
      const key = new aws.kms.Key(
        `${name}-${purpose}`,
        {
          description,
          enableKeyRotation: true,
          deletionWindowInDays: args.disposable ? 7 : 30,
          policy: policyOf(args.accountId, services),
        },
        { parent: this, protect: !args.disposable },
      );
      new aws.kms.Alias(
        `${name}-${purpose}-alias`,
        { name: `alias/${name}-${purpose}`, targetKeyId: key.id },
        { parent: this },
      );
      return key.arn;
    };
    this.data = make("data", "Secrets, cache and notifications", [alarmsMayNotify(args)]);
    this.backups = make("backups", "Backups and release records", []);
    this.logs = make("logs", "Log groups", [logsMayEncrypt(args)]);
    this.registerOutputs({ data: this.data, backups: this.backups, logs: this.logs });
  }
}

/** The account's own IAM decides; services are let in one by one. */
function policyOf(accountId: string, services: aws.iam.PolicyStatement[]): string {
  const account: aws.iam.PolicyStatement = {
    Sid: "AccountDecides",
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${accountId}:root` },
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Statement: [account, ...services] });
}

/** Without it an alarm's message to an encrypted topic is lost in silence. */
function alarmsMayNotify({ accountId }: KeysArgs): aws.iam.PolicyStatement {
  return {
    Sid: "AlarmsMayNotify",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
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
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    Resource: "*",
    Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups } },
  };
}
