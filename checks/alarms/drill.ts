// The test-firing of alarms: their state is set as CloudWatch allows for this purpose, the message is looked for at the
// receiver by a word that no other message has, and the state is set back, also when something fails in between.
import { randomBytes } from "node:crypto";
import type {
  AlarmType,
  CloudWatchClient,
  CompositeAlarm,
  MetricAlarm,
  StateValue,
} from "@aws-sdk/client-cloudwatch";
import { attempt } from "../http/request.ts";
import { type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { waitUntil } from "../wait.ts";
import { judgeChannels, type Receiver } from "./channels.ts";

export interface Drilled {
  id: string;
  /** The alarm that tells: a composite one where messages are muted during deployments. */
  alarm: MetricAlarm | CompositeAlarm;
}

/** Alarms of both kinds. */
export interface Described {
  metric: MetricAlarm[];
  composite: CompositeAlarm[];
}

export interface Receipt {
  receiptUrl: string;
  deliverySeconds: number;
  receivers: Receiver[];
}

/** Observations `delivery-<id>`, `channel-<receiver>` and `restored`. An alarm that is firing is not drilled: it already speaks for itself. */
export async function drillAlarms(
  client: CloudWatchClient,
  drilled: Drilled[],
  receipt: Receipt,
  signal: AbortSignal,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  const word = `drill${randomBytes(8).toString("hex")}`;
  const quiet = drilled.filter(({ alarm }) => alarm.StateValue !== "ALARM");
  const firing = drilled.filter(({ alarm }) => alarm.StateValue === "ALARM");
  try {
    for (const { id, alarm } of quiet)
      await setState(client, alarm, "ALARM", `${word}-${id}: test message`, signal);
    const delivered = Promise.all(quiet.map(({ id }) => delivery(id, `${word}-${id}:`, receipt, signal)));
    const told = { ...receipt, word, drilled: quiet.map(({ id }) => id), delivered };
    const [deliveries, channels] = await Promise.all([
      delivered,
      judgeChannels(receipt.receivers, told, signal),
    ]);
    observations.push(...deliveries, ...channels);
  } catch (error) {
    const notSetBack = await setBack(client, quiet, word);
    if (notSetBack.length === 0) throw error;
    throw new AggregateError([error, new Error(`alarms not set back: ${notSetBack.join("; ")}`)]);
  }
  const notSetBack = await setBack(client, quiet, word);
  const skipped = firing.map(({ id }) => ({
    id: `delivery-${id}`,
    result: "inconclusive" as const,
    expected: "a test message at the receiver",
    observed: "not fired: the alarm is in ALARM for a reason of its own",
  }));
  return [...observations, ...skipped, await judgeRestored(client, quiet, notSetBack, signal)];
}

async function delivery(
  id: string,
  word: string,
  { receiptUrl, deliverySeconds }: Receipt,
  signal: AbortSignal,
): Promise<Observation> {
  const url = new URL("/messages", receiptUrl);
  url.searchParams.set("contains", word);
  let problem = "";
  const waited = await waitUntil(
    async () => {
      const answer = await attempt({ url: url.href, timeoutSeconds: 5, signal });
      problem = "error" in answer ? `; ${answer.error}` : "";
      return "json" in answer && Array.isArray(answer.json) ? answer.json.length : 0;
    },
    (count) => count > 0,
    { withinSeconds: deliverySeconds, everySeconds: 0.2, signal },
  );
  return observe(
    `delivery-${id}`,
    waited.ready,
    `its test message at the receiver within ${deliverySeconds} s`,
    waited.ready
      ? `arrived after ${waited.seconds.toFixed(1)} s`
      : `none after ${waited.seconds.toFixed(1)} s${problem}`,
  );
}

/** Sets every alarm back, also after one that fails. @returns `NAME: message` of those that failed */
async function setBack(client: CloudWatchClient, drilled: Drilled[], word: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { alarm } of drilled) {
    try {
      // The step's time may be over, or end in the middle of a call: the alarms are set back all the same.
      const grace = AbortSignal.timeout(4_000);
      await setState(client, alarm, alarm.StateValue ?? "OK", `${word}: end of the test message`, grace);
    } catch (error) {
      failed.push(`${alarm.AlarmName}: ${messageOf(error)}`);
    }
  }
  return failed;
}

async function judgeRestored(
  client: CloudWatchClient,
  drilled: Drilled[],
  notSetBack: string[],
  signal: AbortSignal,
): Promise<Observation> {
  const names = drilled.flatMap(({ alarm }) => alarm.AlarmName ?? []);
  const described = await describeAlarms(client, names, signal);
  const now = [...described.metric, ...described.composite];
  const left = now.filter((alarm) => alarm.StateValue === "ALARM").map((alarm) => alarm.AlarmName);
  const faults = [
    ...(left.length === 0 ? [] : [`in ALARM: ${left.join(", ")}`]),
    ...(notSetBack.length === 0 ? [] : [`not set back: ${notSetBack.join("; ")}`]),
  ];
  return observe(
    "restored",
    faults.length === 0 && now.length === names.length,
    `${names.length} drilled alarms back in their state`,
    faults.join("; ") || now.map((a) => `${a.AlarmName} ${a.StateValue}`).join(", "),
  );
}

/** Without saying so CloudWatch tells metric alarms only. */
const BOTH: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];

/** The alarms of these names that exist. */
export async function describeAlarms(
  client: CloudWatchClient,
  names: string[],
  signal: AbortSignal,
): Promise<Described> {
  const found: Described = { metric: [], composite: [] };
  const { paginateDescribeAlarms } = await import("@aws-sdk/client-cloudwatch");
  // CloudWatch takes at most 100 names at once.
  for (let at = 0; at < names.length; at += 100) {
    const wanted = { AlarmNames: names.slice(at, at + 100), AlarmTypes: BOTH };
    for await (const page of paginateDescribeAlarms({ client }, wanted, { abortSignal: signal })) {
      found.metric.push(...(page.MetricAlarms ?? []));
      found.composite.push(...(page.CompositeAlarms ?? []));
    }
  }
  return found;
}

export async function setState(
  client: CloudWatchClient,
  alarm: Drilled["alarm"],
  StateValue: StateValue,
  StateReason: string,
  signal: AbortSignal,
): Promise<void> {
  const { SetAlarmStateCommand } = await import("@aws-sdk/client-cloudwatch");
  const command = new SetAlarmStateCommand({ AlarmName: alarm.AlarmName, StateValue, StateReason });
  await client.send(command, { abortSignal: signal });
}
