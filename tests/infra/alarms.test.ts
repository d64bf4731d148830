import { beforeEach, describe, expect, it } from "vitest";
import { alarmDefinitions } from "../../infra/alarm-rules.ts";
import { Alarms } from "../../infra/alarms.ts";
import { inputsOf, made, policyOf, recordResources, registered } from "./support/mocks.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const account = { accountId: "123456789012", keyArn: "arn:key" };
/** The seven rules of HV-Consultores. */
const rules = {
  queueSize: { aboveJobs: 1000 },
  jobFailures: { abovePercent: 5 },
  responseTime: { aboveMilliseconds: 1000, percentile: 99 },
  emailFailures: { abovePercent: 10 },
  databaseErrors: { aboveErrors: 0, datapoints: 1, severity: "P1" as const },
  memory: { abovePercent: 80 },
  diskFree: { belowPercent: 10, runbook: "https://runbooks.example.com/disk" },
};
const topicOf = (severity: string) => `arn:aws:sns:us-east-1:123456789012:orders-${severity}`;

beforeEach(recordResources);

describe("alarm rules", () => {
  it("compare each metric with its limit in its own direction and unit", () => {
    const told = alarmDefinitions(rules).map(
      ({ id, metricName, comparisonOperator, threshold, unit }) =>
        `${id}: ${metricName} ${comparisonOperator} ${threshold} ${unit}`,
    );
    expect(told).toEqual([
      "queue-size: QueueSize GreaterThanThreshold 1000 Count",
      "job-failures: JobFailureRate GreaterThanThreshold 5 Percent",
      "response-time: ResponseTime GreaterThanThreshold 1000 Milliseconds",
      "email-failures: EmailFailureRate GreaterThanThreshold 10 Percent",
      "database-errors: DatabaseConnectionErrors GreaterThanThreshold 0 Count",
      "memory: MemoryUsed GreaterThanThreshold 80 Percent",
      "disk-free: DiskFree LessThanThreshold 10 Percent",
    ]);
  });

  it("make no alarm without a limit", () => {
    expect(alarmDefinitions({})).toEqual([]);
  });

  it("have a metric each, since the emulator tells alarms of one metric apart by nothing else", () => {
    const metrics = alarmDefinitions(rules).map(({ metricName }) => metricName);
    expect(new Set(metrics).size).toBe(metrics.length);
  });
});

describe("Alarms that are muted", () => {
  const muted = { ...account, rules, muted: ["P2", "P3"] as const };

  it("tell by a composite alarm that is still while the deploying alarm is in ALARM, and P1 by themselves", async () => {
    const { alarms } = await made(new Alarms("orders", muted));
    expect(
      inputsOf("aws:cloudwatch/compositeAlarm:CompositeAlarm", "orders-queue-size-message"),
    ).toMatchObject({
      alarmRule: 'ALARM("orders-queue-size") AND NOT ALARM("orders-deploying")',
      alarmActions: [topicOf("p2")],
      okActions: [topicOf("p2")],
    });
    expect(inputsOf(ALARM, "orders-queue-size")).toMatchObject({ alarmActions: [], okActions: [] });
    expect(inputsOf(ALARM, "orders-database-errors")).toMatchObject({ alarmActions: [topicOf("p1")] });
    expect(alarms.filter(({ message }) => message !== undefined)).toHaveLength(6);
  });

  it("still tell at once that their metric has gone silent", async () => {
    await made(new Alarms("orders", muted));
    expect(inputsOf(ALARM, "orders-memory").insufficientDataActions).toEqual([topicOf("p2")]);
  });

  it("speak when nothing says that a deployment goes on", async () => {
    await made(new Alarms("orders", muted));
    expect(inputsOf(ALARM, "orders-deploying")).toMatchObject({
      metricName: "Deploying",
      treatMissingData: "notBreaching",
      period: 60,
      evaluationPeriods: 1,
    });
    expect(inputsOf(ALARM, "orders-deploying")).not.toHaveProperty("alarmActions");
  });
});

describe("Alarms", () => {
  it("keeps what no subscriber took in an encrypted queue that the topics alone may write", async () => {
    const channels = {
      P1: { emails: ["ops@example.com"], webhooks: [{ id: "pager", url: "https://pager.example.com/x" }] },
    };
    await made(new Alarms("orders", { ...account, rules, channels }));
    const queue = "arn:aws:sqs:us-east-1:123456789012:orders-undelivered";
    const subscriptions = registered.filter(({ type }) => type.includes("topicSubscription"));
    expect(subscriptions.map(({ inputs }) => JSON.parse(String(inputs.redrivePolicy)))).toEqual([
      { deadLetterTargetArn: queue },
      { deadLetterTargetArn: queue },
    ]);
    expect(inputsOf("aws:sqs/queue:Queue")).toMatchObject({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 1_209_600,
    });
    expect(policyOf(inputsOf("aws:sqs/queuePolicy:QueuePolicy"))[0]).toMatchObject({
      Principal: { Service: "sns.amazonaws.com" },
      Condition: { ArnEquals: { "aws:SourceArn": ["p1", "p2", "p3"].map(topicOf) } },
    });
  });

  it("tells a Slack channel through a role that can only look", async () => {
    const channels = { P2: { slack: { workspaceId: "T07EA123LEP", channelId: "C07EZ1ABC23" } } };
    await made(new Alarms("orders", { ...account, rules, channels }));
    expect(
      inputsOf("aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration", "orders-p2-slack"),
    ).toMatchObject({
      slackTeamId: "T07EA123LEP",
      slackChannelId: "C07EZ1ABC23",
      snsTopicArns: [topicOf("p2")],
      guardrailPolicyArns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
    });
    const actions = policyOf(inputsOf("aws:iam/rolePolicy:RolePolicy")).flatMap(({ Action }) => Action);
    expect(actions).toEqual(["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"]);
  });

  it("tells the topic of the rule's severity of ALARM and OK, and of silence where a metric never is silent", async () => {
    const alarms = await made(new Alarms("orders", { ...account, rules }));
    expect(inputsOf(ALARM, "orders-database-errors")).toMatchObject({
      namespace: "orders",
      statistic: "Sum",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: "notBreaching",
      alarmActions: [topicOf("p1")],
      okActions: [topicOf("p1")],
      insufficientDataActions: [],
    });
    expect(inputsOf(ALARM, "orders-queue-size")).toMatchObject({
      period: 60,
      evaluationPeriods: 3,
      treatMissingData: "missing",
      insufficientDataActions: [topicOf("p2")],
    });
    expect(alarms.alarms).toHaveLength(7);
  });

  it("measures response times by the wanted percentile and nothing else", async () => {
    await made(new Alarms("orders", { ...account, rules }));
    const inputs = inputsOf(ALARM, "orders-response-time");
    expect(inputs.extendedStatistic).toBe("p99");
    expect(inputs).not.toHaveProperty("statistic");
    expect(inputs.alarmDescription).toBe("P2: percentile 99 of the API's response times is over 1000 ms");
  });

  it("names the runbook in the description", async () => {
    await made(new Alarms("orders", { ...account, rules }));
    expect(inputsOf(ALARM, "orders-disk-free").alarmDescription).toBe(
      "P2: less than 10 % of the disk is free - https://runbooks.example.com/disk",
    );
  });

  it("publishes to encrypted topics that only the account's alarms may use", async () => {
    await made(new Alarms("orders", { ...account, rules }));
    const topics = registered.filter(({ type }) => type === "aws:sns/topic:Topic");
    expect(topics.map(({ inputs }) => inputs)).toEqual(Array(3).fill({ kmsMasterKeyId: "arn:key" }));
    expect(policyOf(inputsOf("aws:sns/topicPolicy:TopicPolicy", "orders-p1-policy"))).toMatchObject([
      {
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
      { Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } },
    ]);
  });

  it("subscribes people and webhooks, each by its own protocol", async () => {
    const channels = {
      P1: { emails: ["ops@example.com"], webhooks: [{ id: "pager", url: "https://pager.example.com/x" }] },
      P3: { webhooks: [{ id: "sink", url: "http://127.0.0.1:8025/hooks/alarms" }] },
    };
    await made(new Alarms("orders", { ...account, rules, channels }));
    const subscriptions = registered.filter(({ type }) => type.includes("topicSubscription"));
    const told = subscriptions.map(({ inputs }) => `${inputs.topic} ${inputs.protocol} ${inputs.endpoint}`);
    expect(told.sort()).toEqual([
      `${topicOf("p1")} email ops@example.com`,
      `${topicOf("p1")} https https://pager.example.com/x`,
      `${topicOf("p3")} http http://127.0.0.1:8025/hooks/alarms`,
    ]);
  });
});
