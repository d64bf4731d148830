// Who runs `pulumi up` on the stack, and what it may do: exactly what the parts of the stack need. It cannot change its own
// permissions: when the stack grows a part of another service, an administrator runs the update once.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { reading } from "./permissions/reading.ts";
import type { Place } from "./permissions/statement.ts";
import { permissions, type Service } from "./permissions.ts";

export interface DeployerArgs extends Place {
  /** The services of the stack's parts. */
  services: Service[];
  /** ARNs of identities that may take the role. @default none */
  identities?: string[];
  /** A CI whose tokens are believed. @default none */
  ci?: {
    /** Who issues the tokens, e.g. `https://token.actions.githubusercontent.com`. */
    issuer: string;
    /** @default "sts.amazonaws.com" */
    audience?: string;
    /** Which jobs, e.g. `repo:orders/orders:environment:production`; a star stands for any text. */
    subjects: string[];
    /** The account knows the issuer already. @default false */
    known?: boolean;
  };
}

/** Longest policy that IAM takes, in characters without white space. */
const LONGEST = 6144;

/** The role `NAME-deployer` and its policies `NAME-deployer-1` and so on. */
export class Deployer extends pulumi.ComponentResource {
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: DeployerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Deployer", name, {}, opts);
    const parent = { parent: this };
    const { ci, identities = [], accountId } = args;
    const issuer =
      ci === undefined || ci.known
        ? undefined
        : new aws.iam.OpenIdConnectProvider(
            `${name}-ci`,
            { url: ci.issuer, clientIdLists: [ci.audience ?? AUDIENCE] },
            parent,
          );
    const role = new aws.iam.Role(
      `${name}-deployer`,
      {
        name: `${name}-deployer`,
        description: `Runs pulumi up for ${name}`,
        assumeRolePolicy: trust(identities, ci, accountId),
      },
      { ...parent, dependsOn: issuer ?? [] },
    );
    for (const [index, policy] of policiesOf(args).entries()) {
      const made = new aws.iam.Policy(
        `${name}-deployer-${index + 1}`,
        { name: `${name}-deployer-${index + 1}`, policy },
        parent,
      );
      new aws.iam.RolePolicyAttachment(
        `${name}-deployer-${index + 1}`,
        { role: role.name, policyArn: made.arn },
        parent,
      );
    }
    this.roleArn = role.arn;
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

const AUDIENCE = "sts.amazonaws.com";

/**
 * The policies, as few as fit.
 * @throws when the permissions of one service alone are too long
 */
export function policiesOf(args: DeployerArgs): string[] {
  const groups = [...new Set(args.services)].toSorted().map((service) => permissions[service](args));
  const packed: aws.iam.PolicyStatement[][] = [];
  for (const group of [[unchangeable(args)], ...groups, reading(args)]) {
    const last = packed.at(-1);
    if (last && rendered([...last, ...group]).length <= LONGEST) last.push(...group);
    else packed.push([...group]);
  }
  return packed.map((statements) => {
    const policy = rendered(statements);
    if (policy.length > LONGEST)
      throw new Error(
        `deployer "${args.name}": a policy of ${policy.length} characters, want at most ${LONGEST}`,
      );
    return policy;
  });
}

function rendered(statements: aws.iam.PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

/** Reads of its own role, its policies and the boundary are part of every update; changes would be a way to more rights. */
function unchangeable({ name, accountId }: Place): aws.iam.PolicyStatement {
  return {
    Sid: "NotItself",
    Effect: "Deny",
    NotAction: ["iam:Get*", "iam:List*", "sts:AssumeRole*", "sts:GetCallerIdentity"],
    Resource: [`role/${name}-deployer`, `policy/${name}-deployer-*`, `policy/${name}-boundary`].map(
      (own) => `arn:aws:iam::${accountId}:${own}`,
    ),
  };
}

function trust(identities: string[], ci: DeployerArgs["ci"], accountId: string): string {
  const people: aws.iam.PolicyStatement[] =
    identities.length === 0
      ? []
      : [{ Effect: "Allow", Principal: { AWS: identities }, Action: "sts:AssumeRole" }];
  const jobs: aws.iam.PolicyStatement[] = ci === undefined ? [] : [jobsMayEnter(ci, accountId)];
  return rendered([...people, ...jobs]);
}

function jobsMayEnter(ci: NonNullable<DeployerArgs["ci"]>, accountId: string): aws.iam.PolicyStatement {
  const issuer = ci.issuer.replace(/^https:\/\//, "");
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuer}` },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { [`${issuer}:aud`]: ci.audience ?? AUDIENCE },
      StringLike: { [`${issuer}:sub`]: ci.subjects },
    },
  };
}
