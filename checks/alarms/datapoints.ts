// Proves that something writes each metric that an alarm reads, in the alarm's own unit: an alarm over a metric that
// nobody writes looks healthy for ever.
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { WantedAlarm } from "../alarms.ts";
import { type Observation, observe } from "../step/definition.ts";
import { waitUntil } from "../wait.ts";

/** Datapoints older than this are of an earlier release. */
const FRESH_SECONDS = 300;

/** Observations `datapoint-<id>`, after at most `withinSeconds`. */
export async function judgeDatapoints(
  client: CloudWatchClient,
  alarms: readonly WantedAlarm[],
  withinSeconds: number,
  signal: AbortSignal,
): Promise<Observation[]> {
  const { value: seen } = await waitUntil(
    () => newest(client, alarms, signal),
    (found) => found.size === alarms.length,
    { withinSeconds, everySeconds: Math.min(5, withinSeconds / 20), signal },
  );
  return alarms.map((alarm) => {
    const last = seen.get(alarm.id);
    return observe(
      `datapoint-${alarm.id}`,
      last !== undefined,
      `a datapoint of ${alarm.namespace}/${alarm.metricName} in ${alarm.unit ?? "any unit"} not older than ${FRESH_SECONDS} s`,
      last === undefined
        ? `none within ${withinSeconds} s; does the agent run, and does it find the metric's source?`
        : `${round(last.value)} (${last.statistic}) at ${last.at.toISOString()}`,
    );
  });
}

interface Datapoint {
  value: number;
  statistic: string;
  at: Date;
}

/** The newest datapoint by alarm, of those that have one. */
async function newest(
  client: CloudWatchClient,
  alarms: readonly WantedAlarm[],
  signal: AbortSignal,
): Promise<Map<string, Datapoint>> {
  const found = await Promise.all(
    alarms.map(async (alarm) => [alarm.id, await newestOf(client, alarm, signal)] as const),
  );
  return new Map(found.flatMap(([id, datapoint]) => (datapoint === undefined ? [] : [[id, datapoint]])));
}

async function newestOf(
  client: CloudWatchClient,
  alarm: WantedAlarm,
  signal: AbortSignal,
): Promise<Datapoint | undefined> {
  const { GetMetricStatisticsCommand } = await import("@aws-sdk/client-cloudwatch");
  const now = Date.now();
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: alarm.namespace,
      MetricName: alarm.metricName,
      Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(now - FRESH_SECONDS * 1000),
      // What was written in this very second counts too.
      EndTime: new Date(now + 60_000),
      Period: 60,
      ...(alarm.extendedStatistic
        ? { ExtendedStatistics: [alarm.extendedStatistic] }
        : { Statistics: [alarm.statistic ?? "Average"] }),
      Unit: unitOf(alarm),
    }),
    { abortSignal: signal },
  );
  const statistic = alarm.extendedStatistic ?? alarm.statistic ?? "Average";
  const all = Datapoints.flatMap((point) => {
    const value = point.ExtendedStatistics?.[statistic] ?? figureOf(point, statistic);
    // An alarm with a unit sees only datapoints in that unit.
    const ofOtherUnit = alarm.unit !== undefined && point.Unit !== alarm.unit;
    return value === undefined || !point.Timestamp || ofOtherUnit
      ? []
      : [{ value, statistic, at: point.Timestamp }];
  });
  return all.sort((a, b) => b.at.getTime() - a.at.getTime())[0];
}

function figureOf(point: object, statistic: string): number | undefined {
  const value = Object.entries(point).find(([name]) => name === statistic)?.[1];
  return typeof value === "number" ? value : undefined;
}

const UNITS = ["Count", "Percent", "Milliseconds", "Seconds", "Bytes", "None"] as const;

function unitOf({ unit }: WantedAlarm): (typeof UNITS)[number] | undefined {
  return UNITS.find((one) => one === unit);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
