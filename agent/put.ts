// Readings into CloudWatch: one PutMetricData for all metrics of a look, without dimensions, since an alarm reads exactly
// one series.
import type { CloudWatchClient, MetricDatum } from "@aws-sdk/client-cloudwatch";
import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Taken } from "./look.ts";
import { HEARTBEAT } from "./plan.ts";

/** CloudWatch takes at most 1000 metrics at once. */
const AT_ONCE = 1000;

export async function putReadings(
  client: CloudWatchClient,
  namespace: string,
  taken: Taken[],
  at: Date,
): Promise<void> {
  const heartbeat: MetricDatum = { MetricName: HEARTBEAT, Timestamp: at, Unit: "Count", Value: 1 };
  const data = [heartbeat, ...taken.map((one) => datumOf(one, at))];
  for (let from = 0; from < data.length; from += AT_ONCE)
    await client.send(
      new PutMetricDataCommand({ Namespace: namespace, MetricData: data.slice(from, from + AT_ONCE) }),
    );
}

function datumOf({ metric, reading }: Taken, Timestamp: Date): MetricDatum {
  return {
    MetricName: metric.name,
    Unit: metric.unit,
    Timestamp,
    Values: reading.values,
    Counts: reading.counts,
  };
}
