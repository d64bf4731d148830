// aws.sqs.Queue.

import { resourceHandler } from "../../handler.ts";
import { flag, json, number, policy, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { fromAttributes, toAttributes } from "../attributes.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

export const ABSENT = ["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"];

const ATTRIBUTES = {
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  delaySeconds: "DelaySeconds",
  fifoQueue: "FifoQueue",
  fifoThroughputLimit: "FifoThroughputLimit",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  policy: "Policy",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redriveAllowPolicy: "RedriveAllowPolicy",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
} as const;

const inputs = {
  contentBasedDeduplication: flag({ default: false }),
  deduplicationScope: text({ computed: true, oneOf: ["messageGroup", "queue"] }),
  delaySeconds: number({ default: 0, minimum: 0, maximum: 900 }),
  fifoQueue: flag({ default: false, replace: true }),
  fifoThroughputLimit: text({ computed: true, oneOf: ["perQueue", "perMessageGroupId"] }),
  kmsDataKeyReusePeriodSeconds: number({ computed: true, minimum: 60, maximum: 86400 }),
  kmsMasterKeyId: text(),
  maxMessageSize: number({ default: 262144, minimum: 1024, maximum: 1048576 }),
  messageRetentionSeconds: number({ default: 345600, minimum: 60, maximum: 1209600 }),
  name: text({ replace: true, name: { maxLength: 80, suffix: { text: ".fifo", when: "fifoQueue" } } }),
  policy: policy({ computed: true }),
  receiveWaitTimeSeconds: number({ default: 0, minimum: 0, maximum: 20 }),
  redriveAllowPolicy: json({ computed: true }),
  redrivePolicy: json({ computed: true }),
  sqsManagedSseEnabled: flag({ computed: true }),
  visibilityTimeoutSeconds: number({ default: 30, minimum: 0, maximum: 43200 }),
  ...regional,
  ...tagged,
} as const;

export const queue = resourceHandler<AwsSession>()({
  inputs,
  outputs: { ...taggedOutputs, url: text() },
  stables: ["arn", "url"],

  validate({ fifoQueue, name }) {
    if (fifoQueue !== true || typeof name !== "string" || name.endsWith(".fifo")) return [];
    return [{ property: "name", reason: `name must end in .fifo for a FIFO queue, got "${name}"` }];
  },

  async observe(id, _known, session) {
    const sqs = await session.client("sqs");
    const found = await unless(ABSENT, sqs.getQueueAttributes({ QueueUrl: id, AttributeNames: ["All"] }));
    if (!found) return undefined;
    const { Tags = {} } = await sqs.listQueueTags({ QueueUrl: id });
    return {
      contentBasedDeduplication: false,
      fifoQueue: false,
      ...fromAttributes(found.Attributes ?? {}, ATTRIBUTES, inputs),
      arn: found.Attributes?.QueueArn,
      name: id.slice(id.lastIndexOf("/") + 1),
      region: session.region,
      url: id,
      ...tagOutputs(tagList(Tags)),
    };
  },

  async create(desired, session) {
    const sqs = await session.client("sqs");
    const Attributes = toAttributes(desired, ATTRIBUTES, {
      fifoQueue: false,
      contentBasedDeduplication: false,
    });
    const { QueueUrl = "" } = await sqs.createQueue({
      QueueName: desired.name,
      Attributes,
      tags: desired.tags,
    });
    return QueueUrl;
  },

  async sync(id, desired, observed, session) {
    const sqs = await session.client("sqs");
    const emptied =
      desired.kmsMasterKeyId === undefined && observed.kmsMasterKeyId ? { KmsMasterKeyId: "" } : {};
    const { FifoQueue: _fixed, ...changes } = toAttributes(desired, ATTRIBUTES, observed);
    const Attributes = { ...emptied, ...changes };
    if (Object.keys(Attributes).length > 0) await sqs.setQueueAttributes({ QueueUrl: id, Attributes });
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length) await sqs.untagQueue({ QueueUrl: id, TagKeys: tags.remove });
    if (tags?.set.length) {
      const Tags = Object.fromEntries(tags.set.map(({ Key, Value }) => [Key, Value]));
      await sqs.tagQueue({ QueueUrl: id, Tags });
    }
  },

  async delete(id, _known, session) {
    const sqs = await session.client("sqs");
    await unless(ABSENT, sqs.deleteQueue({ QueueUrl: id }));
  },
});
