// Alarms, dashboards, logs, and whom they tell.
import type { Case } from "../support/conformance.ts";
import { deny, keyOf, LOG_GROUP, QUEUE, retagged, TOPIC, tags } from "./parts.ts";

export const watching: Case[] = [
  {
    type: TOPIC,
    program: async (deployment) => ({
      displayName: "Alerts",
      kmsMasterKeyId: (await keyOf(deployment)).arn,
      tags,
    }),
    update: { displayName: "All alerts", ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:sns/topicPolicy:TopicPolicy",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      return { arn: topic.id, policy: deny(topic.id, "sns:Publish") };
    },
    update: { policy: deny("*", "sns:Publish") },
    replace: { arn: "arn:aws:sns:us-east-1:000000000000:another" },
    remains: "a topic always has a policy",
  },
  {
    type: "aws:sns/topicSubscription:TopicSubscription",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      const queue = await deployment.create(QUEUE, "alerts", {});
      return { topic: topic.id, protocol: "sqs", endpoint: queue.outs.arn };
    },
    update: { rawMessageDelivery: true, filterPolicy: { severity: ["P1"] } },
    replace: { protocol: "https", endpoint: "https://127.0.0.1/hook", topic: "another" },
  },
  {
    type: QUEUE,
    program: () => ({ visibilityTimeoutSeconds: 60, messageRetentionSeconds: 86400, tags }),
    update: { visibilityTimeoutSeconds: 90, receiveWaitTimeSeconds: 10, ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:sqs/queuePolicy:QueuePolicy",
    program: async (deployment) => {
      const queue = await deployment.create(QUEUE, "alerts", {});
      return { queueUrl: queue.id, policy: deny(queue.outs.arn, "sqs:SendMessage") };
    },
    update: { policy: deny("*", "sqs:SendMessage") },
    replace: { queueUrl: "http://127.0.0.1/another" },
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    program: async (deployment) => {
      const topic = await deployment.create(TOPIC, "alerts", {});
      return {
        alarmDescription: "errors",
        namespace: "Checkout",
        metricName: "Errors",
        dimensions: { service: "orders" },
        statistic: "Sum",
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 5,
        period: 60,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: "notBreaching",
        alarmActions: [topic.id],
        okActions: [topic.id],
        tags,
      };
    },
    update: {
      threshold: 10,
      dimensions: { service: "payments" },
      okActions: [],
      actionsEnabled: false,
      ...retagged,
    },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    program: async (deployment) => {
      const alarm = await deployment.create("aws:cloudwatch/metricAlarm:MetricAlarm", "errors", {
        namespace: "Checkout",
        metricName: "Errors",
        statistic: "Sum",
        comparisonOperator: "GreaterThanThreshold",
        threshold: 5,
        period: 60,
        evaluationPeriods: 1,
      });
      return {
        alarmName: `all-${alarm.id}`,
        alarmRule: `ALARM("${alarm.id}")`,
        alarmDescription: "any",
        tags,
      };
    },
    update: { alarmDescription: "anything", ...retagged },
    replace: { alarmName: "another", actionsEnabled: false },
  },
  {
    type: "aws:cloudwatch/dashboard:Dashboard",
    program: () => ({
      dashboardName: "checkout",
      dashboardBody: {
        widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 3, properties: { markdown: "orders" } }],
      },
    }),
    update: {
      dashboardBody: {
        widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 3, properties: { markdown: "all orders" } }],
      },
    },
    replace: { dashboardName: "another" },
  },
  {
    type: LOG_GROUP,
    program: () => ({ retentionInDays: 30, tags }),
    update: { retentionInDays: 90, ...retagged },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    program: async (deployment) => {
      const group = await deployment.create(LOG_GROUP, "application", {});
      return {
        logGroupName: group.id,
        pattern: "ERROR",
        metricTransformation: { name: "Errors", namespace: "Checkout", value: "1", defaultValue: "0" },
      };
    },
    update: { pattern: "FATAL" },
    replace: { name: "another", logGroupName: "another" },
  },
  {
    type: "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
    program: async (deployment) => {
      const group = await deployment.create(LOG_GROUP, "application", {});
      const destinationArn = "arn:aws:lambda:us-east-1:123456789012:function:aggregator";
      return { logGroup: group.id, filterPattern: "", destinationArn };
    },
    update: { filterPattern: "ERROR" },
    replace: { name: "another", logGroup: "another" },
  },
];
