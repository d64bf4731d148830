// aws.cloudwatch.LogSubscriptionFilter. The emulator keeps filters but hands no lines on.

import type { Distribution } from "@aws-sdk/client-cloudwatch-logs";
import { resourceHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";

import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];
const DISTRIBUTIONS = ["ByLogStream", "Random"] as const satisfies Distribution[];

export const logSubscriptionFilter = resourceHandler<AwsSession>()({
  inputs: {
    destinationArn: text({ required: true }),
    distribution: text({ default: "ByLogStream", oneOf: DISTRIBUTIONS }),
    filterPattern: text({ required: true }),
    logGroup: text({ required: true, replace: true }),
    name: text({ replace: true, name: { maxLength: 512 } }),
    roleArn: text({ computed: true }),
    ...regional,
  },
  outputs: {},

  async observe(id, known, session) {
    const logs = await session.client("logs");
    const { logGroup } = known;
    if (logGroup === undefined) throw new Error("logGroup is not known, want it in the recorded outputs");
    const wanted = { logGroupName: logGroup, filterNamePrefix: id };
    const found = await unless(ABSENT, logs.describeSubscriptionFilters(wanted));
    const live = found?.subscriptionFilters?.find(({ filterName }) => filterName === id);
    if (!live) return undefined;
    return {
      destinationArn: live.destinationArn,
      distribution: DISTRIBUTIONS.find((one) => one === live.distribution) ?? "ByLogStream",
      filterPattern: live.filterPattern ?? "",
      logGroup,
      name: id,
      region: session.region,
      roleArn: live.roleArn || undefined,
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.name;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, known, session) {
    const logs = await session.client("logs");
    const { logGroup } = known;
    await unless(ABSENT, logs.deleteSubscriptionFilter({ logGroupName: logGroup, filterName: id }));
  },
});

interface Filter {
  destinationArn: string;
  distribution: Distribution;
  filterPattern: string;
  logGroup: string;
  name: string;
  roleArn?: string;
}

async function put({ name, logGroup, ...filter }: Filter, session: AwsSession): Promise<void> {
  const logs = await session.client("logs");
  await logs.putSubscriptionFilter({ ...filter, filterName: name, logGroupName: logGroup });
}
