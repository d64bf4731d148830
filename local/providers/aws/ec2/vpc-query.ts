// aws.ec2.getVpc: exactly one existing VPC. IPv6 ranges are not told.

import { invokeHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import type { AwsSession } from "../session.ts";
import { filterInputs, offline, toFilters } from "./filters.ts";
import { vpc } from "./vpc.ts";

export const vpcQuery = invokeHandler<AwsSession>()({
  inputs: {
    ...filterInputs,
    cidrBlock: text(),
    default: flag(),
    dhcpOptionsId: text(),
    id: text(),
    state: text(),
  },
  async run(args, session) {
    if (offline(session)) return { outputs: {}, unknown: true };
    const ec2 = await session.client("ec2");
    const { Vpcs = [] } = await ec2.describeVpcs({
      VpcIds: args.id === undefined ? undefined : [args.id],
      Filters: toFilters(args, {
        cidr: args.cidrBlock,
        "dhcp-options-id": args.dhcpOptionsId,
        "is-default": args.default === undefined ? undefined : String(args.default),
        state: args.state,
      }),
    });
    const [found] = Vpcs;
    if (!found?.VpcId || Vpcs.length > 1) {
      throw new Error(`${Vpcs.length} VPCs match, want exactly one; narrow the filters`);
    }
    const outputs = await vpc.observe(found.VpcId, {}, session);
    const associations = (found.CidrBlockAssociationSet ?? []).map((association) => ({
      associationId: association.AssociationId,
      cidrBlock: association.CidrBlock,
      state: association.CidrBlockState?.State,
    }));
    const own = { id: found.VpcId, default: found.IsDefault ?? false, state: found.State };
    return { outputs: { ...args, ...outputs, ...own, cidrBlockAssociations: associations } };
  },
});
