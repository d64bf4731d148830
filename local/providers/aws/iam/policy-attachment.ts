// aws.iam.RolePolicyAttachment and UserPolicyAttachment: a managed policy on a role or user.

import { resourceHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT } from "./documents.ts";

const replacing = text({ required: true, replace: true });

export const rolePolicyAttachment = resourceHandler<AwsSession>()({
  inputs: { policyArn: replacing, role: replacing },
  outputs: {},

  identify: ({ role, policyArn }) => `${role}/${policyArn}`,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const { owner: role, policyArn } = parts(id);
    const found = await unless(ABSENT, iam.listAttachedRolePolicies({ RoleName: role }));
    const attached = found?.AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === policyArn);
    return attached ? { policyArn, role } : undefined;
  },

  async create({ role, policyArn }, session) {
    const iam = await session.client("iam");
    await iam.attachRolePolicy({ RoleName: role, PolicyArn: policyArn });
    return `${role}/${policyArn}`;
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    const { owner, policyArn } = parts(id);
    await unless(ABSENT, iam.detachRolePolicy({ RoleName: owner, PolicyArn: policyArn }));
  },
});

export const userPolicyAttachment = resourceHandler<AwsSession>()({
  inputs: { policyArn: replacing, user: replacing },
  outputs: {},

  identify: ({ user, policyArn }) => `${user}/${policyArn}`,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const { owner: user, policyArn } = parts(id);
    const found = await unless(ABSENT, iam.listAttachedUserPolicies({ UserName: user }));
    const attached = found?.AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === policyArn);
    return attached ? { policyArn, user } : undefined;
  },

  async create({ user, policyArn }, session) {
    const iam = await session.client("iam");
    await iam.attachUserPolicy({ UserName: user, PolicyArn: policyArn });
    return `${user}/${policyArn}`;
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    const { owner, policyArn } = parts(id);
    await unless(ABSENT, iam.detachUserPolicy({ UserName: owner, PolicyArn: policyArn }));
  },
});

/** Neither role nor user names hold a slash. */
function parts(id: string): { owner: string; policyArn: string } {
  const at = id.indexOf("/");
  return { owner: id.slice(0, at), policyArn: id.slice(at + 1) };
}
