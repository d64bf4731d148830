// aws.sns.Topic. Delivery-status feedback roles and archive policies are not supported.

import { resourceHandler } from "../../handler.ts";
import { flag, json, number, policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { fromAttributes, toAttributes } from "../attributes.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["NotFoundException", "NotFound"];

const ATTRIBUTES = {
  contentBasedDeduplication: "ContentBasedDeduplication",
  deliveryPolicy: "DeliveryPolicy",
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
} as const;

const inputs = {
  contentBasedDeduplication: flag({ default: false }),
  deliveryPolicy: json(),
  displayName: text(),
  fifoTopic: flag({ default: false, replace: true }),
  kmsMasterKeyId: text(),
  name: text({ replace: true, name: { maxLength: 256, suffix: { text: ".fifo", when: "fifoTopic" } } }),
  policy: policy({ computed: true }),
  signatureVersion: number({ computed: true, minimum: 1, maximum: 2 }),
  tracingConfig: text({ computed: true, oneOf: ["Active", "PassThrough"] }),
  ...regional,
  ...tagged,
} as const;

export const topic = resourceHandler<AwsSession>()({
  inputs,
  outputs: { ...taggedOutputs, beginningArchiveTime: text(), owner: text() },
  stables: ["arn", "owner"],

  validate({ fifoTopic, name }) {
    if (fifoTopic !== true || typeof name !== "string" || name.endsWith(".fifo")) return [];
    return [{ property: "name", reason: `name must end in .fifo for a FIFO topic, got "${name}"` }];
  },

  async observe(id, _known, session) {
    const sns = await session.client("sns");
    const found = await unless(ABSENT, sns.getTopicAttributes({ TopicArn: id }));
    const attributes = found?.Attributes;
    if (!attributes) return undefined;
    const { Tags } = await sns.listTagsForResource({ ResourceArn: id });
    return {
      contentBasedDeduplication: false,
      ...fromAttributes(attributes, ATTRIBUTES, inputs),
      arn: id,
      fifoTopic: attributes.FifoTopic === "true",
      name: id.slice(id.lastIndexOf(":") + 1),
      owner: attributes.Owner ?? (await session.accountId()),
      region: session.region,
      ...tagOutputs(Tags),
    };
  },

  async create(desired, session) {
    const sns = await session.client("sns");
    const { TopicArn = "" } = await sns.createTopic({
      Name: desired.name,
      Attributes: desired.fifoTopic ? { FifoTopic: "true" } : undefined,
      Tags: tagList(desired.tags),
    });
    return TopicArn;
  },

  async sync(id, desired, observed, session) {
    const sns = await session.client("sns");
    const emptied = Object.fromEntries(
      (["displayName", "kmsMasterKeyId", "deliveryPolicy"] as const)
        .filter((key) => desired[key] === undefined && observed[key] !== undefined)
        .map((key) => [ATTRIBUTES[key], ""]),
    );
    const changes = { ...emptied, ...toAttributes(desired, ATTRIBUTES, observed) };
    for (const [AttributeName, AttributeValue] of Object.entries(changes)) {
      await sns.setTopicAttributes({ TopicArn: id, AttributeName, AttributeValue });
    }
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length) await sns.untagResource({ ResourceArn: id, TagKeys: tags.remove });
    if (tags?.set.length) await sns.tagResource({ ResourceArn: id, Tags: tags.set });
  },

  async delete(id, _known, session) {
    const sns = await session.client("sns");
    await unless(ABSENT, sns.deleteTopic({ TopicArn: id }));
  },
});
