// aws.iam.Policy: a managed policy. A changed document is a new default version; IAM keeps five, so the oldest goes.

import type { IAM } from "@aws-sdk/client-iam";
import { resourceHandler } from "../../handler.ts";
import { number, policy as policyText, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { ABSENT, decoded } from "./documents.ts";

const VERSIONS_KEPT = 5;

export const policy = resourceHandler<AwsSession>()({
  inputs: {
    description: text({ replace: true }),
    name: text({ replace: true, name: { maxLength: 128 } }),
    path: text({ default: "/", replace: true }),
    policy: policyText({ required: true }),
    ...tagged,
  },
  outputs: { ...taggedOutputs, attachmentCount: number(), policyId: text() },
  stables: ["arn", "policyId"],

  identify: async ({ path, name }, session) =>
    `arn:${PARTITION}:iam::${await session.accountId()}:policy${path}${name}`,

  async observe(id, _known, session) {
    const iam = await session.client("iam");
    const found = await unless(ABSENT, iam.getPolicy({ PolicyArn: id }));
    const live = found?.Policy;
    if (!live) return undefined;
    const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn: id, VersionId: live.DefaultVersionId });
    const { Tags } = await iam.listPolicyTags({ PolicyArn: id });
    return {
      arn: id,
      attachmentCount: live.AttachmentCount,
      description: live.Description || undefined,
      name: live.PolicyName,
      path: live.Path,
      policy: decoded(PolicyVersion?.Document),
      policyId: live.PolicyId,
      ...tagOutputs(Tags),
    };
  },

  async create(desired, session) {
    const iam = await session.client("iam");
    const { Policy } = await iam.createPolicy({
      Description: desired.description,
      Path: desired.path,
      PolicyDocument: desired.policy,
      PolicyName: desired.name,
      Tags: tagList(desired.tags),
    });
    return Policy?.Arn ?? "";
  },

  async sync(id, desired, observed, session) {
    const iam = await session.client("iam");
    if (desired.policy !== observed.policy) {
      const versions = await otherVersions(iam, id);
      const oldest = versions.at(-1);
      if (versions.length + 1 >= VERSIONS_KEPT && oldest) {
        await iam.deletePolicyVersion({ PolicyArn: id, VersionId: oldest });
      }
      await iam.createPolicyVersion({ PolicyArn: id, PolicyDocument: desired.policy, SetAsDefault: true });
    }
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length) await iam.untagPolicy({ PolicyArn: id, TagKeys: tags.remove });
    if (tags?.set.length) await iam.tagPolicy({ PolicyArn: id, Tags: tags.set });
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    if (!(await unless(ABSENT, iam.getPolicy({ PolicyArn: id })))) return;
    for (const VersionId of await otherVersions(iam, id)) {
      await iam.deletePolicyVersion({ PolicyArn: id, VersionId });
    }
    await unless(ABSENT, iam.deletePolicy({ PolicyArn: id }));
  },
});

/** Versions that are not the default one, newest first. */
async function otherVersions(iam: IAM, PolicyArn: string): Promise<string[]> {
  const { Versions = [] } = await iam.listPolicyVersions({ PolicyArn });
  return Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion)
    .toSorted((a, b) => (b.CreateDate?.getTime() ?? 0) - (a.CreateDate?.getTime() ?? 0))
    .flatMap(({ VersionId }) => VersionId ?? []);
}
