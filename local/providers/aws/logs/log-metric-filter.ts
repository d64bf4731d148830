// aws.cloudwatch.LogMetricFilter. The emulator keeps filters but makes no metrics from them.

import type { StandardUnit } from "@aws-sdk/client-cloudwatch-logs";
import { resourceHandler } from "../../handler.ts";
import { map, object, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];

const inputs = {
  logGroupName: text({ required: true, replace: true }),
  metricTransformation: object(
    {
      defaultValue: text(),
      dimensions: map(),
      name: text({ required: true }),
      namespace: text({ required: true }),
      unit: text({ default: "None" }),
      value: text({ required: true }),
    },
    { required: true },
  ),
  name: text({ replace: true, name: { maxLength: 512 } }),
  pattern: text({ required: true }),
  ...regional,
} as const;

export const logMetricFilter = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},

  async observe(id, known, session) {
    const logs = await session.client("logs");
    const logGroupName = known.logGroupName;
    if (logGroupName === undefined)
      throw new Error("logGroupName is not known, want it in the recorded outputs");
    const found = await unless(ABSENT, logs.describeMetricFilters({ logGroupName, filterNamePrefix: id }));
    const live = found?.metricFilters?.find(({ filterName }) => filterName === id);
    const [to] = live?.metricTransformations ?? [];
    if (!live || !to) return undefined;
    return {
      logGroupName,
      metricTransformation: {
        defaultValue: to.defaultValue === undefined ? undefined : String(to.defaultValue),
        dimensions: to.dimensions,
        name: to.metricName ?? "",
        namespace: to.metricNamespace ?? "",
        unit: to.unit ?? "None",
        value: to.metricValue ?? "",
      },
      name: id,
      pattern: live.filterPattern ?? "",
      region: session.region,
    };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.name;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, known, session) {
    const logs = await session.client("logs");
    const { logGroupName } = known;
    await unless(ABSENT, logs.deleteMetricFilter({ logGroupName, filterName: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const logs = await session.client("logs");
  const to = desired.metricTransformation;
  await logs.putMetricFilter({
    filterName: desired.name,
    filterPattern: desired.pattern,
    logGroupName: desired.logGroupName,
    metricTransformations: [
      {
        defaultValue: to.defaultValue === undefined ? undefined : Number(to.defaultValue),
        dimensions: to.dimensions,
        metricName: to.name,
        metricNamespace: to.namespace,
        metricValue: to.value,
        unit: to.unit as StandardUnit,
      },
    ],
  });
}
