// Muting against the emulator: composite alarms, their messages and the metric are real; CloudWatch's own clock is not.
import {
  CloudWatchClient,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeAll, describe, expect, it } from "vitest";
import { mute, unmute } from "../../checks/alarms/muting.ts";
import { step } from "../../checks/mute.ts";
import { waitUntil } from "../../checks/wait.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { subscribe } from "../support/subscription.ts";
import { inputFaults } from "./support/run-step.ts";

const NAMESPACE = "muting-check";
const WATCHED = "muting-check-watched";
const muting = { namespace: NAMESPACE, alarmName: "muting-check-deploying" };
const { signal } = new AbortController();
let client: CloudWatchClient;
let sinkUrl = "";

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  sinkUrl = process.env.GREENLIGHT_SINK_URL ?? "";
  client = new CloudWatchClient({});
  const sns = new SNSClient({});
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: NAMESPACE }));
  const Endpoint = `${sinkUrl}/hooks/${NAMESPACE}`;
  await subscribe(sns, { TopicArn, Endpoint });
  const base = {
    Namespace: NAMESPACE,
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: 0,
    Period: 60,
  } as const;
  const rest = { EvaluationPeriods: 1, TreatMissingData: "notBreaching", Statistic: "Sum" } as const;
  for (const [AlarmName, MetricName] of [
    [muting.alarmName, "Deploying"],
    [WATCHED, "Watched"],
  ])
    await client.send(new PutMetricAlarmCommand({ AlarmName, MetricName, ...base, ...rest }));
  await client.send(
    new PutCompositeAlarmCommand({
      AlarmName: `${WATCHED}-message`,
      AlarmRule: `ALARM("${WATCHED}") AND NOT ALARM("${muting.alarmName}")`,
      AlarmActions: [TopicArn],
    }),
  );
});

const state = (StateValue: "ALARM" | "OK") =>
  client.send(new SetAlarmStateCommand({ AlarmName: WATCHED, StateValue, StateReason: "test" }));

/** How many messages of the watched alarm's beginning have arrived. */
async function messages(): Promise<number> {
  const url = `${sinkUrl}/messages?kind=webhook&contains=${WATCHED}-message`;
  const all: unknown = await (await fetch(url)).json();
  return Array.isArray(all) ? all.length : 0;
}

describe("muting", () => {
  it("keeps an alarm's message back while a deployment goes on, and lets it go afterwards", async () => {
    expect(await mute(client, muting, 30, signal)).toMatchObject({ id: "announced", result: "passed" });
    await state("ALARM");
    expect(await messages()).toBe(0);
    expect(await unmute(client, muting, signal)).toMatchObject({ id: "unmuted", result: "passed" });
    const arrived = await waitUntil(messages, (count) => count > 0, {
      withinSeconds: 20,
      everySeconds: 0.1,
      signal,
    });
    expect(arrived.value).toBe(1);
    await state("OK");
  });

  it("ends although an earlier deployment died and left its announcement", async () => {
    await mute(client, muting, 60, signal);
    await mute(client, muting, 30, signal);
    expect(await unmute(client, muting, signal)).toMatchObject({ result: "passed" });
    // The next one is heard all the same.
    await mute(client, muting, 30, signal);
    const before = await messages();
    await state("ALARM");
    expect(await messages()).toBe(before);
    await state("OK");
    await unmute(client, muting, signal);
  });

  it("announces nothing longer than the two hours that CloudWatch takes", () => {
    const given = { ...muting, minutes: 120 };
    expect(inputFaults(step, given)).toEqual([]);
    expect(inputFaults(step, { ...given, minutes: 121 })[0]).toContain("minutes");
    expect(inputFaults(step, { ...given, minutes: 0 })[0]).toContain("minutes");
  });
});
