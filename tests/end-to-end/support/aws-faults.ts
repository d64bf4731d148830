// Faults of what a stack has in AWS, made with AWS's own API and undone by putting back what was there.
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  type MetricAlarm,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DeleteRetentionPolicyCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { paginateListSubscriptions, SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { z } from "zod";
import { subscribe } from "../../support/subscription.ts";
import type { Fault } from "./fault.ts";
import type { FaultySystem } from "./faulty-system.ts";

const named = z.array(z.looseObject({ id: z.string(), alarmName: z.string() }));
const boards = z.array(z.looseObject({ id: z.string(), dashboardName: z.string() }));

function alarmNamed(system: FaultySystem, id: string): string {
  const found = named.parse(system.inputsOf("alarms").alarms).find((alarm) => alarm.id === id);
  if (!found) throw new Error(`alarm "${id}": not of this stack`);
  return found.alarmName;
}

async function alarmOf(client: CloudWatchClient, name: string): Promise<MetricAlarm> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  const [alarm] = MetricAlarms;
  if (!alarm) throw new Error(`alarm "${name}": not there`);
  return alarm;
}

/** What an alarm is described by that it can also be made of. */
function definitionOf(alarm: MetricAlarm): PutMetricAlarmCommandInput {
  const {
    StateValue: _value,
    StateReason: _reason,
    StateReasonData: _data,
    StateUpdatedTimestamp: _updated,
    StateTransitionedTimestamp: _transitioned,
    AlarmArn: _arn,
    AlarmConfigurationUpdatedTimestamp: _configured,
    EvaluationState: _evaluation,
    ...definition
  } = alarm;
  return { ...definition, AlarmName: alarm.AlarmName ?? "" };
}

/** An alarm has another definition than the stack gave it. */
export function alarmChanged(id: string, change: Partial<PutMetricAlarmCommandInput>): Fault["apply"] {
  return async (system) => {
    const client = new CloudWatchClient({});
    const was = definitionOf(await alarmOf(client, alarmNamed(system, id)));
    await client.send(new PutMetricAlarmCommand({ ...was, ...change }));
    return () => client.send(new PutMetricAlarmCommand(was));
  };
}

/** An alarm is not there any more. */
export function alarmDeleted(id: string): Fault["apply"] {
  return async (system) => {
    const client = new CloudWatchClient({});
    const was = definitionOf(await alarmOf(client, alarmNamed(system, id)));
    await client.send(new DeleteAlarmsCommand({ AlarmNames: [was.AlarmName ?? ""] }));
    return () => client.send(new PutMetricAlarmCommand(was));
  };
}

/** An alarm is firing. */
export function alarmFiring(id: string): Fault["apply"] {
  return async (system) => {
    const client = new CloudWatchClient({});
    const { AlarmName, StateValue = "OK" } = await alarmOf(client, alarmNamed(system, id));
    const set = (state: typeof StateValue) =>
      client.send(new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: "set by hand" }));
    await set("ALARM");
    return () => set(StateValue);
  };
}

/** Nobody at this address gets the messages any more. @param address part of the subscriptions' endpoints */
export function unsubscribed(address: string): Fault["apply"] {
  return async () => {
    const client = new SNSClient({});
    const gone: {
      TopicArn?: string | undefined;
      Protocol?: string | undefined;
      Endpoint?: string | undefined;
    }[] = [];
    for await (const { Subscriptions = [] } of paginateListSubscriptions({ client }, {}))
      for (const { SubscriptionArn, TopicArn, Protocol, Endpoint } of Subscriptions) {
        if (!Endpoint?.includes(address)) continue;
        await client.send(new UnsubscribeCommand({ SubscriptionArn }));
        gone.push({ TopicArn, Protocol, Endpoint });
      }
    if (gone.length === 0) throw new Error(`subscriptions of "${address}": none`);
    return async () => {
      for (const { TopicArn, Protocol, Endpoint } of gone)
        await subscribe(client, { TopicArn, Protocol, Endpoint });
    };
  };
}

/** A receiver gets the messages of a topic that is not its. @param topic end of the topic's name before Pulumi's random part */
export function subscribed(topic: RegExp, address: (system: FaultySystem) => string): Fault["apply"] {
  return async (system) => {
    const client = new SNSClient({});
    let found: string | undefined;
    for await (const { Subscriptions = [] } of paginateListSubscriptions({ client }, {}))
      found ??= Subscriptions.find(({ TopicArn = "" }) => topic.test(TopicArn))?.TopicArn;
    if (found === undefined) throw new Error(`topic ${topic}: has no subscription`);
    const Endpoint = address(system);
    await subscribe(client, { TopicArn: found, Endpoint });
    return async () => {
      for await (const { Subscriptions = [] } of paginateListSubscriptions({ client }, {}))
        for (const one of Subscriptions)
          if (one.TopicArn === found && one.Endpoint === Endpoint)
            await client.send(new UnsubscribeCommand({ SubscriptionArn: one.SubscriptionArn }));
    };
  };
}

/** A dashboard has another body, or none where `change` gives none. */
export function dashboardChanged(id: string, change: (body: string) => string | undefined): Fault["apply"] {
  return async (system) => {
    const client = new CloudWatchClient({});
    const board = boards.parse(system.inputsOf("dashboards").dashboards).find((one) => one.id === id);
    const DashboardName = board?.dashboardName ?? id;
    const { DashboardBody = "" } = await client.send(new GetDashboardCommand({ DashboardName }));
    const body = change(DashboardBody);
    if (body === undefined)
      await client.send(new DeleteDashboardsCommand({ DashboardNames: [DashboardName] }));
    else await client.send(new PutDashboardCommand({ DashboardName, DashboardBody: body }));
    return () => client.send(new PutDashboardCommand({ DashboardName, DashboardBody }));
  };
}

/** A log group keeps its lines for another time; for ever where `days` is not given. */
export function retentionChanged(logGroupName: string, was: number, days?: number): Fault["apply"] {
  return async () => {
    const client = new CloudWatchLogsClient({});
    if (days === undefined) await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    else await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: days }));
    return () => client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: was }));
  };
}
