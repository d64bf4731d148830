// aws.ec2.Vpc with an IPv4 range of its own. IPAM and IPv6 are not supported.

import type { EC2 } from "@aws-sdk/client-ec2";
import { resourceHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { syncTags, tagsOnCreation } from "./tags.ts";

const TENANCIES = ["default", "dedicated"] as const;
const ABSENT = ["InvalidVpcID.NotFound"];

export const vpc = resourceHandler<AwsSession>()({
  inputs: {
    cidrBlock: text({ required: true, replace: true }),
    enableDnsHostnames: flag({ computed: true }),
    enableDnsSupport: flag({ default: true }),
    instanceTenancy: text({ default: "default", oneOf: TENANCIES, replace: true }),
    ...regional,
    ...tagged,
  },
  outputs: {
    ...taggedOutputs,
    defaultNetworkAclId: text(),
    defaultRouteTableId: text(),
    defaultSecurityGroupId: text(),
    dhcpOptionsId: text(),
    mainRouteTableId: text(),
    ownerId: text(),
  },
  stables: ["arn", "ownerId"],

  async observe(id, _known, session) {
    const ec2 = await session.client("ec2");
    const found = await unless(ABSENT, ec2.describeVpcs({ VpcIds: [id] }));
    const [live] = found?.Vpcs ?? [];
    if (!live) return undefined;
    const [hostnames, support, parts] = await Promise.all([
      ec2.describeVpcAttribute({ VpcId: id, Attribute: "enableDnsHostnames" }),
      ec2.describeVpcAttribute({ VpcId: id, Attribute: "enableDnsSupport" }),
      defaultParts(ec2, id),
    ]);
    const ownerId = live.OwnerId ?? (await session.accountId());
    return {
      arn: `arn:${PARTITION}:ec2:${session.region}:${ownerId}:vpc/${id}`,
      cidrBlock: live.CidrBlock,
      dhcpOptionsId: live.DhcpOptionsId,
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
      enableDnsSupport: support.EnableDnsSupport?.Value ?? false,
      instanceTenancy: TENANCIES.find((tenancy) => tenancy === live.InstanceTenancy),
      ownerId,
      region: session.region,
      ...parts,
      ...tagOutputs(live.Tags),
    };
  },

  async create(desired, session) {
    const ec2 = await session.client("ec2");
    const { Vpc } = await ec2.createVpc({
      CidrBlock: desired.cidrBlock,
      InstanceTenancy: desired.instanceTenancy,
      TagSpecifications: tagsOnCreation("vpc", desired.tags),
    });
    return Vpc?.VpcId ?? "";
  },

  async sync(id, desired, observed, session) {
    const ec2 = await session.client("ec2");
    const { enableDnsSupport, enableDnsHostnames } = desired;
    if (enableDnsSupport !== observed.enableDnsSupport) {
      await ec2.modifyVpcAttribute({ VpcId: id, EnableDnsSupport: { Value: enableDnsSupport } });
    }
    if (enableDnsHostnames !== undefined && enableDnsHostnames !== observed.enableDnsHostnames) {
      await ec2.modifyVpcAttribute({ VpcId: id, EnableDnsHostnames: { Value: enableDnsHostnames } });
    }
    await syncTags(ec2, id, observed.tags, desired.tags);
  },

  async delete(id, _known, session) {
    const ec2 = await session.client("ec2");
    await unless(ABSENT, ec2.deleteVpc({ VpcId: id }));
  },
});

/** What AWS makes with every VPC. */
async function defaultParts(ec2: EC2, id: string) {
  const ofVpc = { Name: "vpc-id", Values: [id] };
  const [groups, tables, lists] = await Promise.all([
    ec2.describeSecurityGroups({ Filters: [ofVpc, { Name: "group-name", Values: ["default"] }] }),
    ec2.describeRouteTables({ Filters: [ofVpc, { Name: "association.main", Values: ["true"] }] }),
    ec2.describeNetworkAcls({ Filters: [ofVpc, { Name: "default", Values: ["true"] }] }),
  ]);
  const mainRouteTableId = tables.RouteTables?.[0]?.RouteTableId;
  return {
    defaultSecurityGroupId: groups.SecurityGroups?.find(({ GroupName }) => GroupName === "default")?.GroupId,
    defaultRouteTableId: mainRouteTableId,
    mainRouteTableId,
    defaultNetworkAclId: lists.NetworkAcls?.[0]?.NetworkAclId,
  };
}
