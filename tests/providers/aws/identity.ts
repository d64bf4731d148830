// Roles, users and policies.
import type { Case } from "../support/conformance.ts";
import { allow, ROLE, retagged, tags, trust, USER } from "./parts.ts";

export const identity: Case[] = [
  {
    type: "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    program: () => ({ url: "https://token.example.com", clientIdLists: ["sts.amazonaws.com"], tags }),
    replace: { url: "https://other.example.com" },
  },
  {
    type: ROLE,
    program: () => ({
      assumeRolePolicy: trust("ec2.amazonaws.com"),
      description: "runs it",
      path: "/app/",
      tags,
    }),
    update: { assumeRolePolicy: trust("ecs.amazonaws.com"), maxSessionDuration: 7200, ...retagged },
    replace: { name: "another", path: "/other/" },
  },
  {
    type: "aws:iam/rolePolicy:RolePolicy",
    program: async (deployment) => {
      const role = await deployment.create(ROLE, "runner", { assumeRolePolicy: trust("ec2.amazonaws.com") });
      return { role: role.id, policy: allow("s3:GetObject") };
    },
    update: { policy: allow("s3:PutObject") },
    replace: { role: "another", name: "another" },
  },
  {
    type: "aws:iam/policy:Policy",
    program: () => ({ policy: allow("s3:GetObject"), description: "reads", tags }),
    update: { policy: allow("s3:PutObject"), ...retagged },
    replace: { name: "another", description: "writes" },
  },
  {
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    program: async (deployment) => {
      const role = await deployment.create(ROLE, "runner", { assumeRolePolicy: trust("ec2.amazonaws.com") });
      const policy = await deployment.create("aws:iam/policy:Policy", "reads", {
        policy: allow("s3:GetObject"),
      });
      return { role: role.id, policyArn: policy.id };
    },
    replace: { role: "another", policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
  },
  {
    type: USER,
    program: () => ({ path: "/app/", tags }),
    update: retagged,
    replace: {},
  },
  {
    type: "aws:iam/userPolicy:UserPolicy",
    program: async (deployment) => {
      const user = await deployment.create(USER, "application", {});
      return { user: user.id, policy: allow("s3:GetObject") };
    },
    update: { policy: allow("s3:PutObject") },
    replace: { user: "another" },
  },
  {
    type: "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    program: async (deployment) => {
      const user = await deployment.create(USER, "application", {});
      const policy = await deployment.create("aws:iam/policy:Policy", "reads", {
        policy: allow("s3:GetObject"),
      });
      return { user: user.id, policyArn: policy.id };
    },
    replace: { user: "another" },
  },
  {
    type: "aws:iam/accessKey:AccessKey",
    program: async (deployment) => ({ user: (await deployment.create(USER, "application", {})).id }),
    update: { status: "Inactive" },
    replace: { user: "another" },
  },
];
