// aws.getPartition: the standard partition, the only one the emulator has.

import { invokeHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { type AwsSession, DNS_SUFFIX, PARTITION } from "../session.ts";

export const partition = invokeHandler<AwsSession>()({
  inputs: { id: text() },
  async run() {
    const dnsSuffix = DNS_SUFFIX;
    return { outputs: { dnsSuffix, id: PARTITION, partition: PARTITION, reverseDnsPrefix: "com.amazonaws" } };
  },
});
