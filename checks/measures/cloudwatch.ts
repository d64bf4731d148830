// The newest datapoint of a CloudWatch metric.
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";

const MOST_DATAPOINTS = 1400;
const DAY = 86_400;
// How finely CloudWatch still knows what is so old: a period that is no multiple of it finds nothing.
const STEPS = [
  { days: 15, seconds: 60 },
  { days: 63, seconds: 300 },
];
const COARSEST = 3_600;
/** What is written more often than once a minute is known so finely for three hours; asked for longer, nothing is found. */
const FINE_SECONDS = 3 * 3_600 - 60;
/** How long CloudWatch keeps datapoints. */
export const KEPT_SECONDS = 455 * DAY;
const BASIC = ["Average", "Sum", "Maximum", "Minimum", "SampleCount"] as const;

export interface MetricName {
  namespace: string;
  metricName: string;
  dimensions: { [name: string]: string };
  /** A statistic of CloudWatch, or a percentile such as `p95`. */
  statistic: string;
  periodSeconds: number;
}

export interface Datapoint {
  /** When its period begins. */
  at: Date;
  value: number;
}

/** Of the last `withinSeconds`; undefined when nothing was written in that time. */
export async function latestDatapoint(
  metric: MetricName,
  withinSeconds: number,
  signal: AbortSignal,
): Promise<Datapoint | undefined> {
  const { CloudWatchClient } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({});
  // CloudWatch gives at most 1440 datapoints: over a long time each covers more of it, and its time is its beginning. What is recent
  // is therefore looked for in the metric's own period first.
  const known = metric.periodSeconds < 60 ? FINE_SECONDS : Number.POSITIVE_INFINITY;
  const recent = Math.min(withinSeconds, MOST_DATAPOINTS * metric.periodSeconds, known);
  try {
    const newest = await newestOf(client, metric, recent, metric.periodSeconds, signal);
    if (newest !== undefined || recent === withinSeconds) return newest;
    const step = STEPS.find(({ days }) => withinSeconds <= days * DAY)?.seconds ?? COARSEST;
    const coarse = step * Math.ceil(withinSeconds / MOST_DATAPOINTS / step);
    return await newestOf(client, metric, withinSeconds, Math.max(metric.periodSeconds, coarse), signal);
  } finally {
    client.destroy();
  }
}

async function newestOf(
  client: CloudWatchClient,
  metric: MetricName,
  withinSeconds: number,
  Period: number,
  signal: AbortSignal,
): Promise<Datapoint | undefined> {
  const { GetMetricStatisticsCommand } = await import("@aws-sdk/client-cloudwatch");
  const basic = BASIC.find((one) => one === metric.statistic);
  const now = Date.now();
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: metric.namespace,
      MetricName: metric.metricName,
      Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
      ...(basic === undefined ? { ExtendedStatistics: [metric.statistic] } : { Statistics: [basic] }),
      Period,
      StartTime: new Date(now - withinSeconds * 1000),
      // A datapoint carries the time at which its period begins; the running one counts too.
      EndTime: new Date(now + Period * 1000),
    }),
    { abortSignal: signal },
  );
  const [newest] = Datapoints.sort((a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0));
  const value = basic === undefined ? newest?.ExtendedStatistics?.[metric.statistic] : newest?.[basic];
  return newest?.Timestamp === undefined || value === undefined ? undefined : { at: newest.Timestamp, value };
}
