// aws.iam.Role. Inline policies and attachments are resources of their own.

import type { IAM } from "@aws-sdk/client-iam";
import { resourceHandler } from "../../handler.ts";
import { flag, number, policy, set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT, decoded } from "./documents.ts";

export const role = resourceHandler<AwsSession>()({
  inputs: {
    assumeRolePolicy: policy({ required: true }),
    description: text(),
    forceDetachPolicies: flag({ default: false, kept: true }),
    managedPolicyArns: set(text(), { computed: true }),
    maxSessionDuration: number({ default: 3600, minimum: 3600, maximum: 43200 }),
    name: text({ replace: true, name: { maxLength: 64 } }),
    path: text({ default: "/", replace: true }),
    permissionsBoundary: text(),
    ...tagged,
  },
  outputs: { ...taggedOutputs, createDate: text(), uniqueId: text() },
  stables: ["arn", "createDate", "uniqueId"],

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const found = await unless(ABSENT, iam.getRole({ RoleName: id }));
    const live = found?.Role;
    if (!live) return undefined;
    const { Tags } = await iam.listRoleTags({ RoleName: id });
    return {
      arn: live.Arn,
      assumeRolePolicy: decoded(live.AssumeRolePolicyDocument),
      createDate: live.CreateDate?.toISOString(),
      description: live.Description || undefined,
      managedPolicyArns: await attachedTo(iam, id),
      maxSessionDuration: live.MaxSessionDuration,
      name: live.RoleName,
      path: live.Path,
      permissionsBoundary: live.PermissionsBoundary?.PermissionsBoundaryArn,
      uniqueId: live.RoleId,
      ...tagOutputs(Tags),
    };
  },

  async create(desired, session) {
    const iam = await session.client("iam");
    await iam.createRole({
      AssumeRolePolicyDocument: desired.assumeRolePolicy,
      Description: desired.description,
      MaxSessionDuration: desired.maxSessionDuration,
      Path: desired.path,
      PermissionsBoundary: desired.permissionsBoundary,
      RoleName: desired.name,
      Tags: tagList(desired.tags),
    });
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const iam = await session.client("iam");
    const RoleName = id;
    await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument: desired.assumeRolePolicy });
    const { description: Description = "", maxSessionDuration: MaxSessionDuration } = desired;
    await iam.updateRole({ RoleName, Description, MaxSessionDuration });
    const { permissionsBoundary } = desired;
    if (permissionsBoundary !== observed.permissionsBoundary) {
      if (permissionsBoundary === undefined) await iam.deleteRolePermissionsBoundary({ RoleName });
      else await iam.putRolePermissionsBoundary({ RoleName, PermissionsBoundary: permissionsBoundary });
    }
    const wanted = desired.managedPolicyArns;
    const attached = observed.managedPolicyArns ?? [];
    for (const PolicyArn of wanted?.filter((arn) => !attached.includes(arn)) ?? []) {
      await iam.attachRolePolicy({ RoleName, PolicyArn });
    }
    for (const PolicyArn of wanted ? attached.filter((arn) => !wanted.includes(arn)) : []) {
      await iam.detachRolePolicy({ RoleName, PolicyArn });
    }
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length) await iam.untagRole({ RoleName, TagKeys: tags.remove });
    if (tags?.set.length) await iam.tagRole({ RoleName, Tags: tags.set });
  },

  async delete(id, known, session) {
    const iam = await session.client("iam");
    if (!(await unless(ABSENT, iam.getRole({ RoleName: id })))) return;
    const own = known.managedPolicyArns ?? [];
    for (const PolicyArn of known.forceDetachPolicies ? await attachedTo(iam, id) : own) {
      await unless(ABSENT, iam.detachRolePolicy({ RoleName: id, PolicyArn }));
    }
    if (known.forceDetachPolicies) {
      const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName: id });
      for (const PolicyName of PolicyNames) await iam.deleteRolePolicy({ RoleName: id, PolicyName });
    }
    await unless(ABSENT, iam.deleteRole({ RoleName: id }));
  },
});

async function attachedTo(iam: IAM, RoleName: string): Promise<string[]> {
  const { AttachedPolicies = [] } = await iam.listAttachedRolePolicies({ RoleName });
  return AttachedPolicies.flatMap(({ PolicyArn }) => PolicyArn ?? []);
}
