// aws.ec2.SecurityGroup, with inline rules or with rules as resources of their own (then `ingress` and `egress` are
// left out). Two inline rules of the same protocol, ports and description are one rule to EC2: write them as one.

import type { EC2, IpPermission } from "@aws-sdk/client-ec2";
import { resourceHandler } from "../../handler.ts";
import { flag, set, text } from "../../schema.ts";
import { canonical } from "../../values.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { fromPermissions, rule, toPermission } from "./inline-rule.ts";
import { syncTags, tagsOnCreation } from "./tags.ts";

const ABSENT = ["InvalidGroup.NotFound", "InvalidGroupId.Malformed"];

export const securityGroup = resourceHandler<AwsSession>()({
  inputs: {
    description: text({ default: "Managed by Pulumi", replace: true }),
    egress: set(rule, { computed: true }),
    ingress: set(rule, { computed: true }),
    name: text({ replace: true, name: { maxLength: 255 } }),
    revokeRulesOnDelete: flag({ default: false, kept: true }),
    vpcId: text({ computed: true, replace: true }),
    ...regional,
    ...tagged,
  },
  outputs: { ...taggedOutputs, ownerId: text() },
  stables: ["arn", "ownerId"],

  async observe(id, _known, session) {
    const ec2 = await session.client("ec2");
    const found = await unless(ABSENT, ec2.describeSecurityGroups({ GroupIds: [id] }));
    const [live] = found?.SecurityGroups ?? [];
    if (!live) return undefined;
    const ownerId = live.OwnerId ?? (await session.accountId());
    return {
      arn: `arn:${PARTITION}:ec2:${session.region}:${ownerId}:security-group/${id}`,
      description: live.Description,
      egress: fromPermissions(live.IpPermissionsEgress, id),
      ingress: fromPermissions(live.IpPermissions, id),
      name: live.GroupName,
      ownerId,
      region: session.region,
      vpcId: live.VpcId,
      ...tagOutputs(live.Tags),
    };
  },

  async create(desired, session) {
    const ec2 = await session.client("ec2");
    const { GroupId = "" } = await ec2.createSecurityGroup({
      Description: desired.description,
      GroupName: desired.name,
      VpcId: desired.vpcId,
      TagSpecifications: tagsOnCreation("security-group", desired.tags),
    });
    // EC2 lets everything out of a new group; the official provider starts from nothing.
    const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [GroupId] });
    await revoke(ec2, GroupId, "egress", SecurityGroups?.[0]?.IpPermissionsEgress ?? []);
    return GroupId;
  },

  async sync(id, desired, observed, session) {
    const ec2 = await session.client("ec2");
    for (const direction of ["ingress", "egress"] as const) {
      const wanted = desired[direction]?.map((one) => toPermission(one, id));
      if (!wanted) continue;
      const existing = (observed[direction] ?? []).map((one) => toPermission(one, id));
      await revoke(ec2, id, direction, without(existing, wanted));
      await authorize(ec2, id, direction, without(wanted, existing));
    }
    await syncTags(ec2, id, observed.tags, desired.tags);
  },

  async delete(id, known, session) {
    const ec2 = await session.client("ec2");
    const found = await unless(ABSENT, ec2.describeSecurityGroups({ GroupIds: [id] }));
    const [live] = found?.SecurityGroups ?? [];
    if (!live) return;
    if (known.revokeRulesOnDelete) {
      await revoke(ec2, id, "ingress", live.IpPermissions ?? []);
      await revoke(ec2, id, "egress", live.IpPermissionsEgress ?? []);
    }
    await unless(ABSENT, ec2.deleteSecurityGroup({ GroupId: id }));
  },
});

type Direction = "ingress" | "egress";

function without(permissions: IpPermission[], others: IpPermission[]): IpPermission[] {
  const known = new Set(others.map(canonical));
  return permissions.filter((permission) => !known.has(canonical(permission)));
}

async function revoke(ec2: EC2, GroupId: string, direction: Direction, IpPermissions: IpPermission[]) {
  if (IpPermissions.length === 0) return;
  if (direction === "ingress") await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions });
  else await ec2.revokeSecurityGroupEgress({ GroupId, IpPermissions });
}

async function authorize(ec2: EC2, GroupId: string, direction: Direction, IpPermissions: IpPermission[]) {
  if (IpPermissions.length === 0) return;
  if (direction === "ingress") await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
  else await ec2.authorizeSecurityGroupEgress({ GroupId, IpPermissions });
}
