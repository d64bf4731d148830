// aws.getRegion: the configured region. Descriptions of regions are AWS's own display names, not known here.

import { invokeHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { type AwsSession, DNS_SUFFIX } from "../session.ts";

export const region = invokeHandler<AwsSession>()({
  inputs: { id: text(), name: text(), region: text() },
  async run(args, session) {
    const id = args.region ?? args.name ?? session.region;
    return {
      outputs: { id, name: id, region: id, endpoint: `ec2.${id}.${DNS_SUFFIX}`, description: id },
    };
  },
});
