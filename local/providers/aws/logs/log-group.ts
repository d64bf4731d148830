// aws.cloudwatch.LogGroup.

import { resourceHandler } from "../../handler.ts";
import { flag, number, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];
const CLASSES = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"] as const;
/** 0 keeps events for ever. */
const RETENTION_DAYS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroup = resourceHandler<AwsSession>()({
  inputs: {
    kmsKeyId: text(),
    logGroupClass: text({ computed: true, oneOf: CLASSES, replace: true }),
    name: text({ replace: true, name: { maxLength: 512 } }),
    retentionInDays: number({ default: 0, oneOf: RETENTION_DAYS }),
    skipDestroy: flag({ default: false, kept: true }),
    ...regional,
    ...tagged,
  },
  outputs: taggedOutputs,
  stables: ["arn"],

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const logs = await session.client("logs");
    const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: id });
    const live = logGroups.find(({ logGroupName }) => logGroupName === id);
    if (!live) return undefined;
    const arn =
      live.logGroupArn ??
      live.arn?.replace(/:\*$/, "") ??
      `arn:${PARTITION}:logs:${session.region}:${await session.accountId()}:log-group:${id}`;
    const found = await unless(ABSENT, logs.listTagsForResource({ resourceArn: arn }));
    return {
      arn,
      kmsKeyId: live.kmsKeyId,
      logGroupClass: CLASSES.find((c) => c === live.logGroupClass),
      name: id,
      region: session.region,
      retentionInDays: live.retentionInDays ?? 0,
      ...tagOutputs(tagList(found?.tags)),
    };
  },

  async create(desired, session) {
    const logs = await session.client("logs");
    await logs.createLogGroup({
      kmsKeyId: desired.kmsKeyId,
      logGroupClass: desired.logGroupClass,
      logGroupName: desired.name,
      tags: desired.tags,
    });
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const logs = await session.client("logs");
    const { retentionInDays, kmsKeyId } = desired;
    if (retentionInDays !== observed.retentionInDays) {
      if (retentionInDays === 0) await logs.deleteRetentionPolicy({ logGroupName: id });
      else await logs.putRetentionPolicy({ logGroupName: id, retentionInDays });
    }
    if (kmsKeyId !== observed.kmsKeyId) {
      if (kmsKeyId === undefined) await logs.disassociateKmsKey({ logGroupName: id });
      else await logs.associateKmsKey({ logGroupName: id, kmsKeyId });
    }
    const changes = tagChanges(observed.tags, desired.tags);
    if (changes?.remove.length) {
      await logs.untagResource({ resourceArn: observed.arn, tagKeys: changes.remove });
    }
    if (changes?.set.length) {
      const tags = Object.fromEntries(changes.set.map(({ Key, Value }) => [Key, Value]));
      await logs.tagResource({ resourceArn: observed.arn, tags });
    }
  },

  async delete(id, known, session) {
    if (known.skipDestroy) return;
    const logs = await session.client("logs");
    await unless(ABSENT, logs.deleteLogGroup({ logGroupName: id }));
  },
});
