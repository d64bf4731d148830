// What the deploying identity does in the account: roles for others, and the network.
import { boundaryArnOf } from "../boundary.ts";
import { allow, each, type Permissions } from "./statement.ts";

export const ec2: Permissions = ({ region }) => [
  allow(
    each("ec2", [
      "CreateVpc",
      "DeleteVpc",
      "ModifyVpcAttribute",
      "CreateSubnet",
      "DeleteSubnet",
      "CreateSecurityGroup",
      "DeleteSecurityGroup",
      "AuthorizeSecurityGroupIngress",
      "AuthorizeSecurityGroupEgress",
      "RevokeSecurityGroupIngress",
      "RevokeSecurityGroupEgress",
      "ModifySecurityGroupRules",
      "CreateTags",
      "DeleteTags",
      "Describe*",
    ]),
    "*",
    { StringEquals: { "aws:RequestedRegion": region } },
  ),
];

export const iam: Permissions = ({ name, accountId }) => [
  allow(
    each("iam", [
      "GetRole",
      "UpdateRole",
      "UpdateRoleDescription",
      "UpdateAssumeRolePolicy",
      "DeleteRole",
      "TagRole",
      "UntagRole",
      "ListRoleTags",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "GetRolePolicy",
    ]),
    `arn:aws:iam::${accountId}:role/${name}-*`,
  ),
  // A role without the boundary could be allowed more than its maker.
  allow(
    each("iam", ["CreateRole", "PutRolePolicy", "DeleteRolePolicy", "PutRolePermissionsBoundary"]),
    `arn:aws:iam::${accountId}:role/${name}-*`,
    { StringEquals: { "iam:PermissionsBoundary": boundaryArnOf(name, accountId) } },
  ),
  // Policies for others to attach: attaching is not among these.
  allow(
    each("iam", [
      "CreatePolicy",
      "CreatePolicyVersion",
      "DeletePolicy",
      "DeletePolicyVersion",
      "GetPolicy",
      "GetPolicyVersion",
      "ListPolicyTags",
      "ListPolicyVersions",
      "TagPolicy",
      "UntagPolicy",
    ]),
    `arn:aws:iam::${accountId}:policy/${name}-*`,
  ),
  // Its own way in is read by a refresh, and changed by an administrator.
  allow(["iam:GetOpenIDConnectProvider"], `arn:aws:iam::${accountId}:oidc-provider/*`),
  // Who may read a secret is tried with policies as they are deployed; the simulator knows no resources.
  allow(["iam:SimulateCustomPolicy"], "*"),
  // Handed to S3 for replication, and to the service that carries alarms to Slack.
  allow(["iam:PassRole"], `arn:aws:iam::${accountId}:role/${name}-*`, {
    StringEquals: { "iam:PassedToService": ["s3.amazonaws.com", "chatbot.amazonaws.com"] },
  }),
];
