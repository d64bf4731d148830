// aws.sns.TopicSubscription. Replay policies are not supported.

import { paginateListSubscriptionsByTopic, type SNS } from "@aws-sdk/client-sns";
import { resourceHandler } from "../../handler.ts";
import { flag, json, number, text, type ValuesOf } from "../../schema.ts";
import { waitFor } from "../../wait.ts";
import { unless } from "../absent.ts";
import { fromAttributes, toAttributes } from "../attributes.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["NotFoundException", "NotFound"];
const PROTOCOLS = [
  "application",
  "email",
  "email-json",
  "firehose",
  "http",
  "https",
  "lambda",
  "sms",
  "sqs",
] as const;

const ATTRIBUTES = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
} as const;

const inputs = {
  confirmationTimeoutInMinutes: number({ default: 1, kept: true, minimum: 1 }),
  deliveryPolicy: json(),
  /** A webhook's address may carry its token. */
  endpoint: text({ required: true, replace: true, secret: true }),
  endpointAutoConfirms: flag({ default: false, kept: true }),
  filterPolicy: json(),
  filterPolicyScope: text({ computed: true, oneOf: ["MessageAttributes", "MessageBody"] }),
  protocol: text({ required: true, replace: true, oneOf: PROTOCOLS }),
  rawMessageDelivery: flag({ default: false }),
  redrivePolicy: json(),
  subscriptionRoleArn: text(),
  topic: text({ required: true, replace: true }),
  ...regional,
} as const;

export const topicSubscription = resourceHandler<AwsSession>()({
  inputs,
  outputs: {
    arn: text(),
    confirmationWasAuthenticated: flag(),
    ownerId: text(),
    pendingConfirmation: flag(),
  },
  stables: ["arn", "ownerId"],

  async observe(id, _known, session) {
    const sns = await session.client("sns");
    const found = await unless(
      [...ABSENT, "InvalidParameterException"],
      sns.getSubscriptionAttributes({ SubscriptionArn: id }),
    );
    const attributes = found?.Attributes;
    if (!attributes) return undefined;
    return {
      rawMessageDelivery: false,
      ...fromAttributes(attributes, ATTRIBUTES, inputs),
      arn: id,
      confirmationWasAuthenticated: attributes.ConfirmationWasAuthenticated === "true",
      endpoint: attributes.Endpoint,
      ownerId: attributes.Owner,
      pendingConfirmation: attributes.PendingConfirmation === "true",
      protocol: PROTOCOLS.find((protocol) => protocol === attributes.Protocol),
      region: session.region,
      topic: attributes.TopicArn,
    };
  },

  async create(desired, session) {
    const sns = await session.client("sns");
    const { SubscriptionArn = "" } = await sns.subscribe({
      Attributes: toAttributes(desired, ATTRIBUTES),
      Endpoint: desired.endpoint,
      Protocol: desired.protocol,
      ReturnSubscriptionArn: true,
      TopicArn: desired.topic,
    });
    // An emulator may answer "pending confirmation" where AWS, asked for the ARN, gives it at once.
    const arn = SubscriptionArn.startsWith("arn:") ? SubscriptionArn : await arnOf(desired, sns);
    if (desired.protocol.startsWith("http") && desired.endpointAutoConfirms) {
      await waitFor(
        `subscription of ${desired.protocol} endpoint confirmed`,
        desired.confirmationTimeoutInMinutes * 60,
        async () => {
          const { Attributes } = await sns.getSubscriptionAttributes({ SubscriptionArn: arn });
          return Attributes?.PendingConfirmation === "true" ? undefined : true;
        },
      );
    }
    return arn;
  },

  async sync(id, desired, observed, session) {
    const sns = await session.client("sns");
    const emptied = Object.fromEntries(
      (["deliveryPolicy", "filterPolicy", "redrivePolicy"] as const)
        .filter((key) => desired[key] === undefined && observed[key] !== undefined)
        .map((key) => [ATTRIBUTES[key], "{}"]),
    );
    const changes = { ...emptied, ...toAttributes(desired, ATTRIBUTES, observed) };
    for (const [AttributeName, AttributeValue] of Object.entries(changes)) {
      await sns.setSubscriptionAttributes({ SubscriptionArn: id, AttributeName, AttributeValue });
    }
  },

  async delete(id, _known, session) {
    const sns = await session.client("sns");
    await unless([...ABSENT, "InvalidParameterException"], sns.unsubscribe({ SubscriptionArn: id }));
  },
});

/** @throws when the topic has no subscription of that endpoint */
async function arnOf({ topic, endpoint, protocol }: ValuesOf<typeof inputs>, sns: SNS): Promise<string> {
  for await (const page of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topic })) {
    const found = page.Subscriptions?.find((one) => one.Endpoint === endpoint && one.Protocol === protocol);
    if (found?.SubscriptionArn?.startsWith("arn:")) return found.SubscriptionArn;
  }
  throw new Error(`subscription of a ${protocol} endpoint to ${topic}: not listed after it was made`);
}
