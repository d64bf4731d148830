// aws.cloudwatch.CompositeAlarm.

import { resourceHandler } from "../../handler.ts";
import { flag, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { regional, tagged, taggedOutputs, tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { syncTags, tagsOf } from "./tags.ts";

const inputs = {
  actionsEnabled: flag({ default: true, replace: true }),
  actionsSuppressor: object({
    alarm: text({ required: true }),
    extensionPeriod: number({ required: true, minimum: 0 }),
    waitPeriod: number({ required: true, minimum: 0 }),
  }),
  alarmActions: set(text()),
  alarmDescription: text(),
  alarmName: text({ required: true, replace: true }),
  alarmRule: text({ required: true }),
  insufficientDataActions: set(text()),
  okActions: set(text()),
  ...regional,
  ...tagged,
} as const;

export const compositeAlarm = resourceHandler<AwsSession>()({
  inputs,
  outputs: taggedOutputs,
  stables: ["arn"],

  identify: (desired) => desired.alarmName,

  async observe(id, _known, session) {
    const cloudwatch = await session.client("cloudwatch");
    const { CompositeAlarms } = await cloudwatch.describeAlarms({
      AlarmNames: [id],
      AlarmTypes: ["CompositeAlarm"],
    });
    const live = CompositeAlarms?.find(({ AlarmName }) => AlarmName === id);
    if (!live) return undefined;
    const { ActionsSuppressor: alarm } = live;
    return {
      actionsEnabled: live.ActionsEnabled ?? false,
      actionsSuppressor: alarm
        ? {
            alarm,
            extensionPeriod: live.ActionsSuppressorExtensionPeriod ?? 0,
            waitPeriod: live.ActionsSuppressorWaitPeriod ?? 0,
          }
        : undefined,
      alarmActions: live.AlarmActions,
      alarmDescription: live.AlarmDescription || undefined,
      alarmName: live.AlarmName,
      alarmRule: live.AlarmRule,
      arn: live.AlarmArn,
      insufficientDataActions: live.InsufficientDataActions,
      okActions: live.OKActions,
      region: session.region,
      ...(await tagsOf(cloudwatch, live.AlarmArn)),
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.alarmName;
  },

  async sync(_id, desired, observed, session) {
    await put(desired, session);
    await syncTags(await session.client("cloudwatch"), observed.arn, observed.tags, desired.tags);
  },

  async delete(id, _known, session) {
    const cloudwatch = await session.client("cloudwatch");
    await cloudwatch.deleteAlarms({ AlarmNames: [id] });
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const cloudwatch = await session.client("cloudwatch");
  const suppressor = desired.actionsSuppressor;
  await cloudwatch.putCompositeAlarm({
    ActionsEnabled: desired.actionsEnabled,
    ActionsSuppressor: suppressor?.alarm,
    ActionsSuppressorExtensionPeriod: suppressor?.extensionPeriod,
    ActionsSuppressorWaitPeriod: suppressor?.waitPeriod,
    AlarmActions: desired.alarmActions,
    AlarmDescription: desired.alarmDescription,
    AlarmName: desired.alarmName,
    AlarmRule: desired.alarmRule,
    InsufficientDataActions: desired.insufficientDataActions,
    OKActions: desired.okActions,
    Tags: tagList(desired.tags),
  });
}
