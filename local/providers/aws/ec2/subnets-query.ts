// aws.ec2.getSubnets: the ids of existing subnets.

import { invokeHandler } from "../../handler.ts";
import type { AwsSession } from "../session.ts";
import { filterInputs, offline, toFilters } from "./filters.ts";

export const subnetsQuery = invokeHandler<AwsSession>()({
  inputs: filterInputs,
  async run(args, session) {
    if (offline(session)) return { outputs: {}, unknown: true };
    const ec2 = await session.client("ec2");
    const { Subnets = [] } = await ec2.describeSubnets({ Filters: toFilters(args) });
    const ids = Subnets.flatMap(({ SubnetId }) => SubnetId ?? []).toSorted();
    const { region } = session;
    return { outputs: { ...args, id: region, ids, region, tags: args.tags ?? {} } };
  },
});
