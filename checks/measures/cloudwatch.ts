// The newest datapoint of a CloudWatch metric.

export interface MetricName {
  namespace: string;
  metricName: string;
  dimensions: { [name: string]: string };
  statistic: "Average" | "Sum" | "Maximum" | "Minimum" | "SampleCount";
  periodSeconds: number;
}

/** Of the last `withinSeconds`; undefined when nothing was written in that time. */
export async function latestDatapoint(
  metric: MetricName,
  withinSeconds: number,
  signal: AbortSignal,
): Promise<{ at: Date; value: number } | undefined> {
  const { CloudWatchClient, GetMetricStatisticsCommand } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({});
  const now = Date.now();
  try {
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: metric.namespace,
        MetricName: metric.metricName,
        Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        Statistics: [metric.statistic],
        Period: metric.periodSeconds,
        StartTime: new Date(now - withinSeconds * 1000),
        // A datapoint carries the time at which its period begins; the running one counts too.
        EndTime: new Date(now + metric.periodSeconds * 1000),
      }),
      { abortSignal: signal },
    );
    const [newest] = Datapoints.sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0));
    const value = newest?.[metric.statistic];
    return newest?.Timestamp === undefined || value === undefined
      ? undefined
      : { at: newest.Timestamp, value };
  } finally {
    client.destroy();
  }
}
