// aws.vpc.SecurityGroupIngressRule and SecurityGroupEgressRule: one rule with an id of its own.

import type { IpPermission, SecurityGroupRuleRequest } from "@aws-sdk/client-ec2";
import type { ResourceHandler } from "../../handler.ts";
import { resourceHandler } from "../../handler.ts";
import { number, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { syncTags, tagsOnCreation } from "./tags.ts";

const ABSENT = [
  "InvalidSecurityGroupRuleId.NotFound",
  "InvalidSecurityGroupRuleID.NotFound",
  "InvalidGroup.NotFound",
];

const inputs = {
  cidrIpv4: text(),
  cidrIpv6: text(),
  description: text(),
  fromPort: number(),
  ipProtocol: text({ required: true }),
  prefixListId: text(),
  referencedSecurityGroupId: text(),
  securityGroupId: text({ required: true, replace: true }),
  toPort: number(),
  ...regional,
  ...tagged,
} as const;

type Desired = ValuesOf<typeof inputs>;

const SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

function securityGroupRule(direction: "ingress" | "egress"): ResourceHandler<AwsSession> {
  return resourceHandler<AwsSession>()({
    inputs,
    outputs: { ...taggedOutputs, securityGroupRuleId: text() },
    stables: ["arn", "securityGroupRuleId"],

    validate(given) {
      const named = SOURCES.filter((source) => given[source] !== undefined);
      if (named.length === 1) return [];
      const reason = `exactly one of ${SOURCES.join(", ")} must be given, got ${named.join(", ") || "none"}`;
      return [{ property: "cidrIpv4", reason }];
    },

    async observe(id, _known, session) {
      const ec2 = await session.client("ec2");
      const found = await unless(ABSENT, ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [id] }));
      const live = found?.SecurityGroupRules?.find(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id);
      if (!live || live.IsEgress !== (direction === "egress")) return undefined;
      const everyPort = live.FromPort === -1 && live.IpProtocol === "-1";
      const account = live.GroupOwnerId ?? (await session.accountId());
      return {
        arn: `arn:${PARTITION}:ec2:${session.region}:${account}:security-group-rule/${id}`,
        cidrIpv4: live.CidrIpv4,
        cidrIpv6: live.CidrIpv6,
        description: live.Description || undefined,
        fromPort: everyPort ? undefined : live.FromPort,
        ipProtocol: live.IpProtocol,
        prefixListId: live.PrefixListId,
        referencedSecurityGroupId: live.ReferencedGroupInfo?.GroupId,
        region: session.region,
        securityGroupId: live.GroupId,
        securityGroupRuleId: id,
        toPort: everyPort ? undefined : live.ToPort,
        ...tagOutputs(live.Tags),
      };
    },

    async create(desired, session) {
      const ec2 = await session.client("ec2");
      const request = {
        GroupId: desired.securityGroupId,
        IpPermissions: [permission(desired)],
        TagSpecifications: tagsOnCreation("security-group-rule", desired.tags),
      };
      const { SecurityGroupRules } =
        direction === "ingress"
          ? await ec2.authorizeSecurityGroupIngress(request)
          : await ec2.authorizeSecurityGroupEgress(request);
      return SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? "";
    },

    async sync(id, desired, observed, session) {
      const ec2 = await session.client("ec2");
      await ec2.modifySecurityGroupRules({
        GroupId: desired.securityGroupId,
        SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule: request(desired) }],
      });
      await syncTags(ec2, id, observed.tags, desired.tags);
    },

    async delete(id, known, session) {
      const GroupId = known.securityGroupId;
      if (!(await this.observe(id, known, session))) return;
      const ec2 = await session.client("ec2");
      const which = { GroupId, SecurityGroupRuleIds: [id] };
      await unless(
        ABSENT,
        direction === "ingress"
          ? ec2.revokeSecurityGroupIngress(which)
          : ec2.revokeSecurityGroupEgress(which),
      );
    },
  });
}

export const securityGroupIngressRule = securityGroupRule("ingress");
export const securityGroupEgressRule = securityGroupRule("egress");

function permission(desired: Desired): IpPermission {
  const { description: Description, cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId } = desired;
  return {
    IpProtocol: desired.ipProtocol,
    FromPort: desired.fromPort,
    ToPort: desired.toPort,
    IpRanges: cidrIpv4 ? [{ CidrIp: cidrIpv4, Description }] : undefined,
    Ipv6Ranges: cidrIpv6 ? [{ CidrIpv6: cidrIpv6, Description }] : undefined,
    PrefixListIds: prefixListId ? [{ PrefixListId: prefixListId, Description }] : undefined,
    UserIdGroupPairs: referencedSecurityGroupId
      ? [{ GroupId: referencedSecurityGroupId, Description }]
      : undefined,
  };
}

function request(desired: Desired): SecurityGroupRuleRequest {
  return {
    IpProtocol: desired.ipProtocol,
    FromPort: desired.fromPort,
    ToPort: desired.toPort,
    CidrIpv4: desired.cidrIpv4,
    CidrIpv6: desired.cidrIpv6,
    Description: desired.description ?? "",
    PrefixListId: desired.prefixListId,
    ReferencedGroupId: desired.referencedSecurityGroupId,
  };
}
