// aws.ec2.Subnet with an IPv4 range. IPv6, IPAM and Outposts are not supported.

import { resourceHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagged, taggedOutputs, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { syncTags, tagsOnCreation } from "./tags.ts";

const ABSENT = ["InvalidSubnetID.NotFound"];

export const subnet = resourceHandler<AwsSession>()({
  inputs: {
    availabilityZone: text({ computed: true, replace: true }),
    availabilityZoneId: text({ computed: true, replace: true }),
    cidrBlock: text({ required: true, replace: true }),
    mapPublicIpOnLaunch: flag({ default: false }),
    vpcId: text({ required: true, replace: true }),
    ...regional,
    ...tagged,
  },
  outputs: { ...taggedOutputs, ownerId: text() },
  stables: ["arn", "ownerId"],

  async observe(id, _known, session) {
    const ec2 = await session.client("ec2");
    const found = await unless(ABSENT, ec2.describeSubnets({ SubnetIds: [id] }));
    const [live] = found?.Subnets ?? [];
    if (!live) return undefined;
    const ownerId = live.OwnerId ?? (await session.accountId());
    return {
      arn: live.SubnetArn ?? `arn:${PARTITION}:ec2:${session.region}:${ownerId}:subnet/${id}`,
      availabilityZone: live.AvailabilityZone,
      availabilityZoneId: live.AvailabilityZoneId,
      cidrBlock: live.CidrBlock,
      mapPublicIpOnLaunch: live.MapPublicIpOnLaunch ?? false,
      ownerId,
      region: session.region,
      vpcId: live.VpcId,
      ...tagOutputs(live.Tags),
    };
  },

  async create(desired, session) {
    const ec2 = await session.client("ec2");
    const { Subnet } = await ec2.createSubnet({
      AvailabilityZone: desired.availabilityZone,
      AvailabilityZoneId: desired.availabilityZoneId,
      CidrBlock: desired.cidrBlock,
      VpcId: desired.vpcId,
      TagSpecifications: tagsOnCreation("subnet", desired.tags),
    });
    return Subnet?.SubnetId ?? "";
  },

  async sync(id, desired, observed, session) {
    const ec2 = await session.client("ec2");
    const { mapPublicIpOnLaunch } = desired;
    if (mapPublicIpOnLaunch !== observed.mapPublicIpOnLaunch) {
      await ec2.modifySubnetAttribute({ SubnetId: id, MapPublicIpOnLaunch: { Value: mapPublicIpOnLaunch } });
    }
    await syncTags(ec2, id, observed.tags, desired.tags);
  },

  async delete(id, _known, session) {
    const ec2 = await session.client("ec2");
    await unless(ABSENT, ec2.deleteSubnet({ SubnetId: id }));
  },
});
