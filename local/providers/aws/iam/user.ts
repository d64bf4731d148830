// aws.iam.User.

import type { IAM } from "@aws-sdk/client-iam";
import { resourceHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT } from "./documents.ts";

export const user = resourceHandler<AwsSession>()({
  inputs: {
    forceDestroy: flag({ default: false, kept: true }),
    name: text({ name: { maxLength: 64 } }),
    path: text({ default: "/" }),
    permissionsBoundary: text(),
    ...tagged,
  },
  outputs: { ...taggedOutputs, uniqueId: text() },
  stables: ["uniqueId"],

  identify: (desired) => desired.name,

  async observe(id, known, session) {
    const iam = await session.client("iam");
    const UserName = known.name ?? id;
    const found = await unless(ABSENT, iam.getUser({ UserName }));
    const live = found?.User;
    if (!live) return undefined;
    const { Tags } = await iam.listUserTags({ UserName });
    return {
      arn: live.Arn,
      name: live.UserName,
      path: live.Path,
      permissionsBoundary: live.PermissionsBoundary?.PermissionsBoundaryArn,
      uniqueId: live.UserId,
      ...tagOutputs(Tags),
    };
  },

  async create(desired, session) {
    const iam = await session.client("iam");
    await iam.createUser({
      Path: desired.path,
      PermissionsBoundary: desired.permissionsBoundary,
      Tags: tagList(desired.tags),
      UserName: desired.name,
    });
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const iam = await session.client("iam");
    const before = observed.name ?? id;
    if (before !== desired.name || desired.path !== observed.path) {
      await iam.updateUser({ UserName: before, NewUserName: desired.name, NewPath: desired.path });
    }
    const UserName = desired.name;
    const { permissionsBoundary } = desired;
    if (permissionsBoundary !== observed.permissionsBoundary) {
      if (permissionsBoundary === undefined) await iam.deleteUserPermissionsBoundary({ UserName });
      else await iam.putUserPermissionsBoundary({ UserName, PermissionsBoundary: permissionsBoundary });
    }
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length) await iam.untagUser({ UserName, TagKeys: tags.remove });
    if (tags?.set.length) await iam.tagUser({ UserName, Tags: tags.set });
  },

  async delete(id, known, session) {
    const iam = await session.client("iam");
    const UserName = known.name ?? id;
    if (!(await unless(ABSENT, iam.getUser({ UserName })))) return;
    if (known.forceDestroy) await strip(iam, UserName);
    await unless(ABSENT, iam.deleteUser({ UserName }));
  },
});

/** What would keep IAM from deleting the user. */
async function strip(iam: IAM, UserName: string): Promise<void> {
  const { AccessKeyMetadata = [] } = await iam.listAccessKeys({ UserName });
  for (const { AccessKeyId } of AccessKeyMetadata) await iam.deleteAccessKey({ UserName, AccessKeyId });
  const { PolicyNames = [] } = await iam.listUserPolicies({ UserName });
  for (const PolicyName of PolicyNames) await iam.deleteUserPolicy({ UserName, PolicyName });
  const { AttachedPolicies = [] } = await iam.listAttachedUserPolicies({ UserName });
  for (const { PolicyArn } of AttachedPolicies) await iam.detachUserPolicy({ UserName, PolicyArn });
}
