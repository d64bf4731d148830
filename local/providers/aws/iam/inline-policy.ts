// aws.iam.RolePolicy and UserPolicy: a policy inside a role or user. The id is `<owner>:<policy name>`.

import type { IAM } from "@aws-sdk/client-iam";
import { resourceHandler } from "../../handler.ts";
import { policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT, decoded } from "./documents.ts";

const shared = {
  name: text({ replace: true, name: { maxLength: 128 } }),
  policy: policy({ required: true }),
} as const;

export const rolePolicy = resourceHandler<AwsSession>()({
  inputs: { ...shared, role: text({ required: true, replace: true }) },
  outputs: {},

  identify: ({ role, name }) => `${role}:${name}`,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const { owner: role, name } = parts(id);
    const found = await unless(ABSENT, iam.getRolePolicy({ RoleName: role, PolicyName: name }));
    return found && { name, policy: decoded(found.PolicyDocument), role };
  },

  async create({ role, name, policy }, session) {
    await putRolePolicy(await session.client("iam"), role, name, policy);
    return `${role}:${name}`;
  },

  async sync(_id, { role, name, policy }, _observed, session) {
    await putRolePolicy(await session.client("iam"), role, name, policy);
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    const { owner, name } = parts(id);
    await unless(ABSENT, iam.deleteRolePolicy({ RoleName: owner, PolicyName: name }));
  },
});

export const userPolicy = resourceHandler<AwsSession>()({
  inputs: { ...shared, user: text({ required: true, replace: true }) },
  outputs: {},

  identify: ({ user, name }) => `${user}:${name}`,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const { owner: user, name } = parts(id);
    const found = await unless(ABSENT, iam.getUserPolicy({ UserName: user, PolicyName: name }));
    return found && { name, policy: decoded(found.PolicyDocument), user };
  },

  async create({ user, name, policy }, session) {
    await putUserPolicy(await session.client("iam"), user, name, policy);
    return `${user}:${name}`;
  },

  async sync(_id, { user, name, policy }, _observed, session) {
    await putUserPolicy(await session.client("iam"), user, name, policy);
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    const { owner, name } = parts(id);
    await unless(ABSENT, iam.deleteUserPolicy({ UserName: owner, PolicyName: name }));
  },
});

async function putRolePolicy(iam: IAM, RoleName: string, PolicyName: string, PolicyDocument: string) {
  await iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument });
}

async function putUserPolicy(iam: IAM, UserName: string, PolicyName: string, PolicyDocument: string) {
  await iam.putUserPolicy({ UserName, PolicyName, PolicyDocument });
}

/** Neither role nor user names hold a colon. */
function parts(id: string): { owner: string; name: string } {
  const at = id.indexOf(":");
  return { owner: id.slice(0, at), name: id.slice(at + 1) };
}
