// The alarms check against CloudWatch and SNS of the emulator, which deliver to the real message sink.
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { judgeStates } from "../../checks/alarms/definition.ts";
import { describeAlarms, drillAlarms } from "../../checks/alarms/drill.ts";
import { step, type WantedAlarm } from "../../checks/alarms.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { subscribe } from "../support/subscription.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const NAME = "alarms-check-queue-size";
let sinkUrl = "";
let topicArn = "";
let client: CloudWatchClient;

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  sinkUrl = process.env.GREENLIGHT_SINK_URL ?? "";
  client = new CloudWatchClient({});
  topicArn = await topic("alarms-check", `${sinkUrl}/hooks/alarms-check`);
});

async function topic(name: string, endpoint?: string): Promise<string> {
  const sns = new SNSClient({});
  const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: name }));
  if (endpoint) await subscribe(sns, { TopicArn, Endpoint: endpoint });
  return TopicArn;
}

const put = (change: Partial<PutMetricAlarmCommandInput> = {}) =>
  client.send(
    new PutMetricAlarmCommand({
      AlarmName: NAME,
      Namespace: "alarms-check",
      MetricName: "QueueSize",
      Statistic: "Maximum",
      Unit: "Count",
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 1000,
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 3,
      TreatMissingData: "missing",
      AlarmActions: [topicArn],
      OKActions: [topicArn],
      ...change,
    }),
  );

const wanted = (change: Partial<WantedAlarm> = {}) => ({
  id: "queue-size",
  alarmName: NAME,
  namespace: "alarms-check",
  metricName: "QueueSize",
  statistic: "Maximum" as const,
  unit: "Count",
  comparisonOperator: "GreaterThanThreshold",
  threshold: 1000,
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  alarmActions: [topicArn],
  ...change,
});

beforeEach(async () => {
  await client.send(new DeleteAlarmsCommand({ AlarmNames: [NAME] }));
  await put();
});

describe("alarms", () => {
  it("proves definition, state and delivery, and sets the state back", async () => {
    const before = await client.send(new DescribeAlarmsCommand({ AlarmNames: [NAME] }));
    const drill = { drill: ["queue-size"], receiptUrl: sinkUrl, deliverySeconds: 20 };
    const ran = await runStep(step, { alarms: [wanted()], ...drill });
    expect(ran.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "alarm-queue-size passed",
      "none-firing passed",
      "delivery-queue-size passed",
      "restored passed",
    ]);
    const after = await client.send(new DescribeAlarmsCommand({ AlarmNames: [NAME] }));
    expect(after.MetricAlarms?.[0]?.StateValue).toBe(before.MetricAlarms?.[0]?.StateValue);
  });

  it.each([
    ["threshold", { Threshold: 1001 }, "threshold 1001, want 1000"],
    ["comparison", { ComparisonOperator: "LessThanThreshold" as const }, "comparison LessThanThreshold"],
    ["period", { Period: 120 }, "period 120 s, want 60 s"],
    ["datapoints", { DatapointsToAlarm: 2 }, "datapoints to alarm 2, want 3"],
    ["statistic", { Statistic: "Average" as const }, "statistic Average, want Maximum"],
    ["missing data", { TreatMissingData: "ignore" }, "missing data ignore, want missing"],
    ["metric", { MetricName: "Other" }, "metric alarms-check/Other, want alarms-check/QueueSize"],
    ["actions", { AlarmActions: [] }, "alarm actions none, want arn:aws:sns:"],
    ["dimensions", { Dimensions: [{ Name: "host", Value: "a" }] }, "dimensions host=a, want none"],
  ])("fails when the %s is another", async (_what, change, message) => {
    await put(change);
    const { seen } = await runStep(step, { alarms: [wanted()] });
    expect(seen("alarm-queue-size")).toMatchObject({ result: "failed" });
    expect(seen("alarm-queue-size").observed).toContain(message);
  });

  it("fails when the alarm is missing or its actions are switched off", async () => {
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: [NAME] }));
    const off = await runStep(step, { alarms: [wanted()] });
    expect(off.seen("alarm-queue-size").observed).toBe("actions disabled, want enabled");
    await client.send(new DeleteAlarmsCommand({ AlarmNames: [NAME] }));
    const gone = await runStep(step, { alarms: [wanted()] });
    expect(gone.seen("alarm-queue-size")).toMatchObject({ result: "failed", observed: `no alarm "${NAME}"` });
    expect(gone.seen("none-firing").result).toBe("failed");
  });

  it("fails when an alarm fires, and does not hide it under a test message", async () => {
    await client.send(
      new SetAlarmStateCommand({ AlarmName: NAME, StateValue: "ALARM", StateReason: "1200 jobs wait" }),
    );
    const drill = { drill: ["queue-size"], receiptUrl: sinkUrl, deliverySeconds: 1 };
    const { seen } = await runStep(step, { alarms: [wanted()], ...drill });
    expect(seen("none-firing")).toMatchObject({
      result: "failed",
      observed: `1 in ALARM: ${NAME}: 1200 jobs wait`,
    });
    expect(seen("delivery-queue-size").result).toBe("inconclusive");
  });

  it("ends what a drill that was killed left firing, and drills it again", async () => {
    const reason = "drill0123456789abcdef-queue-size: test message";
    await client.send(
      new SetAlarmStateCommand({ AlarmName: NAME, StateValue: "ALARM", StateReason: reason }),
    );
    const drill = { drill: ["queue-size"], receiptUrl: sinkUrl, deliverySeconds: 20 };
    const { observations } = await runStep(step, { alarms: [wanted()], ...drill });
    expect(observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "alarm-queue-size passed",
      "none-firing passed",
      "delivery-queue-size passed",
      "restored passed",
    ]);
  });

  it("waits for its message also where the receiver cannot be reached for a moment, and says so at the end", async () => {
    let requests = 0;
    const drilled = async (faulty: (request: number) => boolean) =>
      await withServer(
        (request, response) => {
          requests += 1;
          if (faulty(requests)) request.socket.destroy();
          else answer(response, 200, [{ text: "arrived" }]);
        },
        async (receiptUrl) => {
          const drill = { drill: ["queue-size"], receiptUrl, deliverySeconds: 1 };
          return (await runStep(step, { alarms: [wanted()], ...drill })).seen("delivery-queue-size");
        },
      );
    expect(await drilled((request) => request === 1)).toMatchObject({ result: "passed" });
    expect(await drilled(() => true)).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^none after [\d.]+ s; GET http:.*: socket hang up$/),
    });
  });

  it("fails when nobody receives the message, and still sets the state back", async () => {
    const silent = await topic("alarms-check-silent");
    await put({ AlarmActions: [silent], OKActions: [silent] });
    const drill = { drill: ["queue-size"], receiptUrl: sinkUrl, deliverySeconds: 1 };
    const { seen } = await runStep(step, { alarms: [wanted({ alarmActions: [silent] })], ...drill });
    expect(seen("alarm-queue-size").result).toBe("passed");
    expect(seen("delivery-queue-size")).toMatchObject({ result: "failed" });
    expect(seen("restored").result).toBe("passed");
  });

  it("sets the others back when one cannot be, and says which", async () => {
    const names = ["a", "b", "c"].map((letter) => `alarms-check-back-${letter}`);
    for (const AlarmName of names) await put({ AlarmName });
    onTestFinished(() => void client.send(new DeleteAlarmsCommand({ AlarmNames: names })));
    const set = (on: CloudWatchClient, AlarmName: string | undefined, StateValue: "OK") =>
      on.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "begin" }));
    for (const name of names) await set(client, name, "OK");
    const { metric: alarms } = await describeAlarms(client, names, AbortSignal.timeout(60_000));
    const drilled = alarms.map((alarm, at) => ({ id: `id-${at}`, alarm }));
    const drill = async (deliveries: string) => {
      const limited = new CloudWatchClient({});
      const send = limited.send.bind(limited);
      let refusals = 0;
      vi.spyOn(limited, "send").mockImplementation((command, options) => {
        const { AlarmName, StateValue } = command.input as { AlarmName?: string; StateValue?: string };
        if (AlarmName === names[0] && StateValue === "OK" && refusals++ === 0)
          throw new Error("Rate exceeded");
        return send(command as never, options as never);
      });
      const receipt = { receiptUrl: deliveries, deliverySeconds: 20, receivers: [] };
      return await drillAlarms(limited, drilled, receipt, AbortSignal.timeout(60_000));
    };
    const states = async () => {
      const { metric } = await describeAlarms(client, names, AbortSignal.timeout(60_000));
      return metric.map((alarm) => `${alarm.AlarmName} ${alarm.StateValue}`).sort();
    };
    const after = [`${names[0]} ALARM`, `${names[1]} OK`, `${names[2]} OK`];
    expect((await drill(sinkUrl)).at(-1)).toMatchObject({
      id: "restored",
      result: "failed",
      observed: `in ALARM: ${names[0]}; not set back: ${names[0]}: Rate exceeded`,
    });
    expect(await states()).toEqual(after);
    // What ended the drill is told as well.
    await set(client, names[0], "OK");
    const failed = drill("no address");
    await expect(failed).rejects.toMatchObject({
      errors: [
        { message: expect.stringContaining("Invalid URL") },
        { message: expect.stringContaining(names[0] ?? "") },
      ],
    });
    expect(await states()).toEqual(after);
  });

  it("takes no alarm at all for a failure", () => {
    expect(judgeStates([]).result).toBe("failed");
  });

  it("refuses a drill without a receiver, of an unknown alarm, and two statistics", () => {
    const base = { alarms: [wanted()] };
    expect(inputFaults(step, { ...base, drill: ["queue-size"] })[0]).toContain("needs receiptUrl");
    expect(inputFaults(step, { ...base, drill: ["other"], receiptUrl: "http://x" })[0]).toContain(
      "must name alarms",
    );
    expect(inputFaults(step, { alarms: [{ ...wanted(), extendedStatistic: "p95" }] })[0]).toContain(
      "exactly one",
    );
    expect(inputFaults(step, { ...base, deliverySeconds: 900 })).toEqual([]);
    expect(inputFaults(step, { ...base, deliverySeconds: 901 })).toHaveLength(1);
  });
});
