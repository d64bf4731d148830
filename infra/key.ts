// One KMS key of the stack with its alias, and the policy that says who may do what with it: the account's administrators
// manage it, its users use it through named AWS services only, and nobody uses it directly.
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export interface KeyArgs {
  /** The account whose IAM policies decide, 12 digits. */
  accountId: string;
  /** Where the key is, e.g. `us-east-1`. */
  region: string;
  description: string;
  /** Services through which the account's identities may use the key, e.g. `["s3"]`. */
  through: string[];
  /** Services that use the key on their own account. @default none */
  services?: aws.iam.PolicyStatement[];
  /** A key of a disposable stack can be deleted after the shortest wait, 7 days. @default false: 30 days */
  disposable?: boolean;
}

/** Makes a symmetric key with yearly rotation, `alias/NAME`. */
export function makeKey(name: string, args: KeyArgs, parent: pulumi.Resource): aws.kms.Key {
  const { region } = args;
  const key = new aws.kms.Key(
    name,
    {
      region,
      description: args.description,
      enableKeyRotation: true,
      deletionWindowInDays: args.disposable ? 7 : 30,
      policy: policyOf(args),
    },
    // What it encrypted cannot be read without it.
    { parent, protect: !args.disposable },
  );
  new aws.kms.Alias(`${name}-alias`, { region, name: `alias/${name}`, targetKeyId: key.id }, { parent });
  return key;
}

/** What administrators of a key do; none of it reads what the key encrypted. */
export const MANAGE_KEYS = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:Describe*",
  "kms:Disable*",
  "kms:Enable*",
  "kms:Get*",
  "kms:List*",
  "kms:PutKeyPolicy",
  "kms:RevokeGrant",
  "kms:RotateKeyOnDemand",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** What using a key means. */
export const USE_KEYS = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey*",
  "kms:ReEncrypt*",
];

function policyOf({ accountId, region, through, services = [] }: KeyArgs): string {
  const account = { Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Resource: "*" };
  const viaService = through.map((service) => `${service}.${region}.amazonaws.com`);
  const statements: aws.iam.PolicyStatement[] = [
    { Sid: "AccountManages", Effect: "Allow", ...account, Action: MANAGE_KEYS },
    {
      Sid: "AccountUsesThroughServices",
      Effect: "Allow",
      ...account,
      Action: USE_KEYS,
      Condition: { StringEquals: { "kms:ViaService": viaService } },
    },
    {
      // A service that keeps data for longer than a request, such as a cache, is given a grant.
      Sid: "ServicesAreGranted",
      Effect: "Allow",
      ...account,
      Action: "kms:CreateGrant",
      Condition: {
        StringEquals: { "kms:ViaService": viaService },
        Bool: { "kms:GrantIsForAWSResource": "true" },
      },
    },
    ...services,
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
