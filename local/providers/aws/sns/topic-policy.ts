// aws.sns.TopicPolicy. A topic always has a policy: deleting this resource gives it the owner-only one of AWS.

import { resourceHandler } from "../../handler.ts";
import { policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["NotFoundException", "NotFound"];

export const topicPolicy = resourceHandler<AwsSession>()({
  inputs: {
    arn: text({ required: true, replace: true }),
    policy: policy({ required: true }),
    ...regional,
  },
  outputs: { owner: text() },

  identify: (desired) => desired.arn,

  async observe(id, _known, session) {
    const sns = await session.client("sns");
    const found = await unless(ABSENT, sns.getTopicAttributes({ TopicArn: id }));
    const { Policy, Owner } = found?.Attributes ?? {};
    if (!Policy) return undefined;
    return { arn: id, policy: Policy, owner: Owner ?? (await session.accountId()), region: session.region };
  },

  async create(desired, session) {
    await put(desired.arn, desired.policy, session);
    return desired.arn;
  },

  sync: (id, desired, _observed, session) => put(id, desired.policy, session),

  async delete(id, known, session) {
    const owner = known.owner ?? (await session.accountId());
    await unless(ABSENT, put(id, ownerOnly(id, owner), session));
  },
});

async function put(TopicArn: string, AttributeValue: string, session: AwsSession): Promise<void> {
  const sns = await session.client("sns");
  await sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue });
}

/** What AWS gives a new topic. */
function ownerOnly(topic: string, owner: string): string {
  const Action = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
  ];
  Action.push("Subscribe", "ListSubscriptionsByTopic", "Publish");
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: Action.map((action) => `SNS:${action}`),
        Resource: topic,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  });
}
