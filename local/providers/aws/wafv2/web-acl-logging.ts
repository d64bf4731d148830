// aws.wafv2.WebAclLoggingConfiguration: where requests are logged. The emulator has no such call, so a local stack leaves it out.

import { resourceHandler } from "../../handler.ts";
import { set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["WAFNonexistentItemException"];

export const webAclLogging = resourceHandler<AwsSession>()({
  inputs: {
    resourceArn: text({ required: true, replace: true }),
    logDestinationConfigs: set(text({ required: true }), { required: true }),
    ...regional,
  },
  outputs: {},

  identify: (desired) => desired.resourceArn,

  async observe(id, _known, session) {
    const waf = await session.client("wafv2");
    const found = await unless(ABSENT, waf.getLoggingConfiguration({ ResourceArn: id }));
    const { ResourceArn, LogDestinationConfigs } = found?.LoggingConfiguration ?? {};
    if (ResourceArn === undefined) return undefined;
    return { resourceArn: ResourceArn, logDestinationConfigs: LogDestinationConfigs, region: session.region };
  },

  async create({ resourceArn: ResourceArn, logDestinationConfigs: LogDestinationConfigs }, session) {
    const waf = await session.client("wafv2");
    await waf.putLoggingConfiguration({ LoggingConfiguration: { ResourceArn, LogDestinationConfigs } });
    return ResourceArn;
  },

  async sync(ResourceArn, { logDestinationConfigs: LogDestinationConfigs }, _observed, session) {
    const waf = await session.client("wafv2");
    await waf.putLoggingConfiguration({ LoggingConfiguration: { ResourceArn, LogDestinationConfigs } });
  },

  async delete(id, _known, session) {
    const waf = await session.client("wafv2");
    await unless(ABSENT, waf.deleteLoggingConfiguration({ ResourceArn: id }));
  },
});
