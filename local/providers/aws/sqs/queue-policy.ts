// aws.sqs.QueuePolicy.

import { resourceHandler } from "../../handler.ts";
import { policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT } from "./queue.ts";

export const queuePolicy = resourceHandler<AwsSession>()({
  inputs: {
    policy: policy({ required: true }),
    queueUrl: text({ required: true, replace: true }),
    ...regional,
  },
  outputs: {},

  identify: (desired) => desired.queueUrl,

  async observe(id, _known, session) {
    const sqs = await session.client("sqs");
    const found = await unless(ABSENT, sqs.getQueueAttributes({ QueueUrl: id, AttributeNames: ["Policy"] }));
    const policy = found?.Attributes?.Policy;
    return policy ? { policy, queueUrl: id, region: session.region } : undefined;
  },

  async create(desired, session) {
    await put(desired.queueUrl, desired.policy, session);
    return desired.queueUrl;
  },

  sync: (id, desired, _observed, session) => put(id, desired.policy, session),

  delete: (id, _known, session) => put(id, "", session),
});

async function put(QueueUrl: string, Policy: string, session: AwsSession): Promise<void> {
  const sqs = await session.client("sqs");
  await unless(ABSENT, sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy } }));
}
