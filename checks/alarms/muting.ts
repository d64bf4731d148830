// The sign by which CloudWatch knows that a deployment goes on: the metric `Deploying`, above 0 minute by minute, written
// ahead of time. So a deployment that dies cannot mute alarms for longer than it announced, and one that ends takes back
// the minutes that are left. While the sum of a minute is above 0, messages of muted alarms wait.
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type Observation, observe } from "../step/definition.ts";
import { waitUntil } from "../wait.ts";

export interface Muting {
  namespace: string;
  /** The alarm over the metric. */
  alarmName: string;
}

const METRIC = "Deploying";
const MINUTE = 60_000;
/** CloudWatch takes datapoints of at most two hours ahead. */
const FURTHEST_MINUTES = 120;
/** The alarm looks at whole minutes: this one and the one before it are still looked at. */
const BACK_MINUTES = 2;
const WITHIN_SECONDS = 180;

/** Announces a deployment of at most so many minutes. Observation `announced`. */
export async function mute(
  client: CloudWatchClient,
  muting: Muting,
  minutes: number,
  signal: AbortSignal,
): Promise<Observation> {
  const until = await level(client, muting, { from: 0, to: minutes, value: 1 }, signal);
  return observe("announced", true, `messages wait for at most ${minutes} minutes`, `until ${until}`);
}

/** Takes the announcement back and waits until the alarm knows. Observation `unmuted`. */
export async function unmute(
  client: CloudWatchClient,
  muting: Muting,
  signal: AbortSignal,
): Promise<Observation> {
  const { SetAlarmStateCommand } = await import("@aws-sdk/client-cloudwatch");
  await level(client, muting, { from: -BACK_MINUTES, to: FURTHEST_MINUTES, value: 0 }, signal);
  const over = {
    AlarmName: muting.alarmName,
    StateValue: "OK",
    StateReason: "the deployment is over",
  } as const;
  await client.send(new SetAlarmStateCommand(over), { abortSignal: signal });
  const { ready, value } = await waitUntil(
    () => stateOf(client, muting.alarmName, signal),
    (state) => state === "OK",
    { withinSeconds: WITHIN_SECONDS, everySeconds: 2, signal },
  );
  return observe("unmuted", ready, `alarm "${muting.alarmName}" OK: messages go out again`, value);
}

/** Brings the sum of each minute to the value and says until when. */
async function level(
  client: CloudWatchClient,
  { namespace }: Muting,
  wanted: { from: number; to: number; value: number },
  signal: AbortSignal,
): Promise<string> {
  const { PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
  const start = Math.floor(Date.now() / MINUTE) + wanted.from;
  const minutes = Array.from({ length: wanted.to - wanted.from }, (_, index) => (start + index) * MINUTE);
  const sums = await sumsOf(client, namespace, minutes, signal);
  const MetricData = minutes.flatMap((minute) => {
    const missing = wanted.value - (sums.get(minute) ?? 0);
    const datum = { MetricName: METRIC, Unit: "Count", Timestamp: new Date(minute), Value: missing } as const;
    return missing === 0 ? [] : [datum];
  });
  if (MetricData.length > 0)
    await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }), {
      abortSignal: signal,
    });
  return new Date((minutes.at(-1) ?? 0) + MINUTE).toISOString();
}

async function sumsOf(
  client: CloudWatchClient,
  namespace: string,
  minutes: number[],
  signal: AbortSignal,
): Promise<Map<number, number>> {
  const { GetMetricStatisticsCommand } = await import("@aws-sdk/client-cloudwatch");
  const { Datapoints = [] } = await client.send(
    new GetMetricStatisticsCommand({
      Namespace: namespace,
      MetricName: METRIC,
      Period: 60,
      Statistics: ["Sum"],
      StartTime: new Date(minutes[0] ?? 0),
      EndTime: new Date((minutes.at(-1) ?? 0) + MINUTE),
    }),
    { abortSignal: signal },
  );
  return new Map(Datapoints.map(({ Timestamp, Sum = 0 }) => [Timestamp?.getTime() ?? 0, Sum]));
}

async function stateOf(client: CloudWatchClient, name: string, signal: AbortSignal): Promise<string> {
  const { DescribeAlarmsCommand } = await import("@aws-sdk/client-cloudwatch");
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }), {
    abortSignal: signal,
  });
  return MetricAlarms[0]?.StateValue ?? `no alarm "${name}"`;
}
