// aws.cloudwatch.MetricAlarm on one metric. Metric math and anomaly detection are not supported: the emulator would
// accept and forget them. Publish the ratio as a metric of its own instead.

import type { ComparisonOperator, StandardUnit, Statistic } from "@aws-sdk/client-cloudwatch";
import { resourceHandler } from "../../handler.ts";
import { flag, map, number, set, text, type ValuesOf } from "../../schema.ts";
import { regional, tagged, taggedOutputs, tagList } from "../common.ts";
import type { AwsSession } from "../session.ts";
import { syncTags, tagsOf } from "./tags.ts";

const OPERATORS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
] as const satisfies ComparisonOperator[];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"] as const satisfies Statistic[];
const MISSING = ["missing", "ignore", "breaching", "notBreaching"] as const;
const LOW_SAMPLES = ["evaluate", "ignore"] as const;

const inputs = {
  actionsEnabled: flag({ default: true }),
  alarmActions: set(text()),
  alarmDescription: text(),
  comparisonOperator: text({ required: true, oneOf: OPERATORS }),
  datapointsToAlarm: number({ minimum: 1 }),
  dimensions: map(),
  evaluateLowSampleCountPercentiles: text({ computed: true, oneOf: LOW_SAMPLES }),
  evaluationPeriods: number({ required: true, minimum: 1 }),
  extendedStatistic: text(),
  insufficientDataActions: set(text()),
  metricName: text({ required: true }),
  name: text({ replace: true, name: { maxLength: 255 } }),
  namespace: text({ required: true }),
  okActions: set(text()),
  period: number({ required: true, minimum: 1 }),
  statistic: text({ oneOf: STATISTICS }),
  threshold: number({ required: true }),
  treatMissingData: text({ default: "missing", oneOf: MISSING }),
  unit: text(),
  ...regional,
  ...tagged,
} as const;

export const metricAlarm = resourceHandler<AwsSession>()({
  inputs,
  outputs: taggedOutputs,
  stables: ["arn"],

  validate({ statistic, extendedStatistic, datapointsToAlarm, evaluationPeriods }) {
    if ((statistic === undefined) === (extendedStatistic === undefined)) {
      return [
        { property: "statistic", reason: "exactly one of statistic and extendedStatistic must be given" },
      ];
    }
    if (typeof datapointsToAlarm !== "number" || typeof evaluationPeriods !== "number") return [];
    if (datapointsToAlarm <= evaluationPeriods) return [];
    const reason = `datapointsToAlarm must be at most evaluationPeriods (${evaluationPeriods}), got ${datapointsToAlarm}`;
    return [{ property: "datapointsToAlarm", reason }];
  },

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const cloudwatch = await session.client("cloudwatch");
    const { MetricAlarms } = await cloudwatch.describeAlarms({
      AlarmNames: [id],
      AlarmTypes: ["MetricAlarm"],
    });
    const live = MetricAlarms?.find(({ AlarmName }) => AlarmName === id);
    if (!live) return undefined;
    return {
      actionsEnabled: live.ActionsEnabled ?? false,
      alarmActions: live.AlarmActions,
      alarmDescription: live.AlarmDescription || undefined,
      arn: live.AlarmArn,
      comparisonOperator: OPERATORS.find((operator) => operator === live.ComparisonOperator),
      datapointsToAlarm: live.DatapointsToAlarm,
      dimensions: Object.fromEntries(
        (live.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
      ),
      evaluateLowSampleCountPercentiles: LOW_SAMPLES.find((w) => w === live.EvaluateLowSampleCountPercentile),
      evaluationPeriods: live.EvaluationPeriods,
      extendedStatistic: live.ExtendedStatistic || undefined,
      insufficientDataActions: live.InsufficientDataActions,
      metricName: live.MetricName,
      name: live.AlarmName,
      namespace: live.Namespace,
      okActions: live.OKActions,
      period: live.Period,
      region: session.region,
      // Exactly one is in force; the emulator tells a default for the other.
      statistic: live.ExtendedStatistic ? undefined : live.Statistic || undefined,
      threshold: live.Threshold,
      treatMissingData: MISSING.find((treatment) => treatment === live.TreatMissingData) ?? "missing",
      unit: live.Unit || undefined,
      ...(await tagsOf(cloudwatch, live.AlarmArn)),
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.name;
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
  await cloudwatch.putMetricAlarm({
    ActionsEnabled: desired.actionsEnabled,
    AlarmActions: desired.alarmActions,
    AlarmDescription: desired.alarmDescription,
    AlarmName: desired.name,
    ComparisonOperator: desired.comparisonOperator,
    DatapointsToAlarm: desired.datapointsToAlarm,
    Dimensions: Object.entries(desired.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
    EvaluateLowSampleCountPercentile: desired.evaluateLowSampleCountPercentiles,
    EvaluationPeriods: desired.evaluationPeriods,
    ExtendedStatistic: desired.extendedStatistic,
    InsufficientDataActions: desired.insufficientDataActions,
    MetricName: desired.metricName,
    Namespace: desired.namespace,
    OKActions: desired.okActions,
    Period: desired.period,
    Statistic: desired.statistic,
    Tags: tagList(desired.tags),
    Threshold: desired.threshold,
    TreatMissingData: desired.treatMissingData,
    Unit: desired.unit as StandardUnit | undefined,
  });
}
