// Controls of AWS IAM, on the policies and roles that a stack makes.
import type { Registered } from "../support/mocks.ts";
import { at, type Control, listed, rewriting, type Statement, setting, statementsOf } from "./control.ts";

const POLICY = "aws:iam/policy:Policy";
const INLINE = "aws:iam/rolePolicy:RolePolicy";
const ROLE = "aws:iam/role:Role";
const allows = ({ Effect }: Statement) => Effect === "Allow";
const everything = (statement: Statement): Statement => ({ ...statement, Action: "*", Resource: "*" });

const BOUNDARY = "greenlight:infra:Boundary";

/** Actions that make a role or give it permissions. */
const MAKES_ROLES = /^iam:(CreateRole|PutRolePolicy)$/;

/** Actions by which an identity could give itself more. */
const WIDENING = /^iam:(\*|Put\*|Attach|CreateUser|CreateAccessKey|CreateLoginProfile|PutUserPolicy)/;

function noAdministrator({ inputs }: Registered): boolean {
  return statementsOf(inputs.policy)
    .filter(allows)
    .every(({ Action, NotAction }) => NotAction === undefined && !listed(Action).includes("*"));
}

function noWildService({ inputs }: Registered): boolean {
  return statementsOf(inputs.policy)
    .filter(allows)
    .every(({ Action }) => listed(Action).every((action) => !/^[a-z0-9-]+:\*$/.test(action)));
}

const anyAdministrator = rewriting("policy", (all) =>
  all.map((one) => (allows(one) ? everything(one) : one)),
);
const anyService = rewriting("policy", (all) =>
  all.map((one) => (allows(one) ? { ...one, Action: "s3:*" } : one)),
);

export const iam: Control[] = [
  ...[POLICY, INLINE].flatMap((type): Control[] => [
    {
      id: "IAM.1, CIS 1.16",
      asks: "no full administrator",
      type,
      optional: true,
      met: "no statement allows every action",
      holds: noAdministrator,
      breaks: [anyAdministrator],
    },
    {
      id: "IAM.21",
      asks: "no star for all actions of a service",
      type,
      optional: true,
      met: "actions are named, or a family of reads such as `ec2:Describe*`",
      holds: noWildService,
      breaks: [anyService],
    },
  ]),
  {
    id: "(no way up)",
    asks: "the deploying identity cannot give itself more",
    type: POLICY,
    optional: true,
    about: ({ inputs }) => String(inputs.policy).includes("NotItself"),
    met: "its own role and policies are refused to it for everything but reading, and it may neither attach policies nor create users or keys",
    holds: ({ inputs }, estate) => {
      const own = estate
        .filter(({ type }) => type === POLICY)
        .flatMap((one) => statementsOf(one.inputs.policy));
      const kept = statementsOf(inputs.policy).some(
        ({ Effect, Sid, NotAction, Resource }) =>
          Effect === "Deny" &&
          Sid === "NotItself" &&
          listed(NotAction).every((action) => /^(iam:(Get|List)\*|sts:)/.test(action)) &&
          listed(Resource).length === 3,
      );
      return (
        kept && own.filter(allows).every(({ Action }) => !listed(Action).some((one) => WIDENING.test(one)))
      );
    },
    breaks: [
      rewriting("policy", (all) => all.filter(({ Sid }) => Sid !== "NotItself")),
      rewriting("policy", (all) => [
        ...all,
        { Effect: "Allow", Action: "iam:AttachRolePolicy", Resource: "*" },
      ]),
      rewriting("policy", (all) => [
        ...all,
        { Effect: "Allow", Action: "iam:CreateAccessKey", Resource: "*" },
      ]),
      rewriting("policy", (all) => all.map((one) => (one.Sid ? { ...one, NotAction: ["iam:*"] } : one))),
    ],
  },
  {
    id: "(boundary)",
    asks: "roles that the deploying identity makes can be allowed no more than itself",
    type: ROLE,
    about: ({ name }, estate) => !name.endsWith("-deployer") && estate.some(({ type }) => type === BOUNDARY),
    optional: true,
    met: "where `greenlight:deployer` is set, every role stands under the policy `NAME-boundary`, which that identity can neither change nor leave out",
    holds: ({ inputs }, estate) => {
      const makes = estate
        .filter(({ type, name }) => type === POLICY && /-deployer-\d$/.test(name))
        .flatMap((one) => statementsOf(one.inputs.policy))
        .filter((one) => allows(one) && listed(one.Action).some((action) => MAKES_ROLES.test(action)));
      return (
        String(inputs.permissionsBoundary ?? "").endsWith("-boundary") &&
        makes.length > 0 &&
        makes.every(
          ({ Condition }) => at(Condition, ["StringEquals", "iam:PermissionsBoundary"]) !== undefined,
        )
      );
    },
    breaks: [
      setting(["permissionsBoundary"], undefined),
      (_role, estate) => {
        for (const one of estate.filter(({ type, name }) => type === POLICY && /-deployer-\d$/.test(name)))
          one.inputs.policy = String(one.inputs.policy).replaceAll(
            "iam:PermissionsBoundary",
            "aws:PrincipalTag/x",
          );
      },
    ],
  },
  {
    id: "(trust)",
    asks: "roles are taken by named identities, services or jobs only",
    type: ROLE,
    optional: true,
    met: "no trust policy names everybody, and jobs of a CI are named by audience and subject",
    holds: ({ inputs }) =>
      statementsOf(inputs.assumeRolePolicy).every(({ Principal, Condition }) => {
        if (Principal === "*" || JSON.stringify(Principal).includes('"*"')) return false;
        if (at(Principal, ["Federated"]) === undefined) return true;
        const [audience] = Object.keys(Condition?.StringEquals ?? {});
        const [subject] = Object.keys(Condition?.StringLike ?? {});
        return audience?.endsWith(":aud") === true && subject?.endsWith(":sub") === true;
      }),
    breaks: [
      setting(
        ["assumeRolePolicy"],
        '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}',
      ),
      setting(
        ["assumeRolePolicy"],
        '{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}',
      ),
    ],
  },
  {
    id: "IAM.3, IAM.5, IAM.6, IAM.9, IAM.19, CIS 1.x",
    asks: "keys, passwords and MFA of people",
    type: ROLE,
    waived: "the stack makes no users, access keys or passwords: people and CIs take roles",
  },
];
