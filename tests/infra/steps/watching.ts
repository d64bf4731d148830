// Changed settings of what watches, and the steps that they take.
import type { Changes } from "./change.ts";

export const watching: Changes = {
  agent: {
    intervalSeconds: { to: 30, steps: { "update MetricAlarm": 1, "replace SecretVersion": 1 } },
    metricsUrls: { to: [], steps: { "replace SecretVersion": 1 } },
    sources: {
      to: { diskFree: { kind: "gauge", family: "disk_free" } },
      steps: { "replace SecretVersion": 1 },
    },
    "measures.*.unit": {
      section: { measures: { Jobs: { source: { kind: "gauge", family: "jobs" } } } },
      key: "Jobs",
      to: "Percent",
      steps: { "replace SecretVersion": 1 },
    },
    "measures.*.source": {
      section: { measures: { Jobs: { source: { kind: "gauge", family: "jobs" } } } },
      key: "Jobs",
      to: { kind: "gauge", family: "others" },
      steps: { "replace SecretVersion": 1 },
    },
    "log.file": { to: "other.log", steps: { "replace SecretVersion": 1 } },
    "log.group": { to: "worker", steps: { "update Policy": 1, "replace SecretVersion": 1 } },
    "log.errorPattern": { to: "ERROR", steps: { "replace SecretVersion": 1 } },
  },
  alarms: {
    namespace: {
      to: "Orders",
      steps: {
        "update Dashboard": 1,
        "update MetricAlarm": 3,
        "update Policy": 1,
        "replace SecretVersion": 1,
      },
    },
    "channels.P1.emails": {
      // SNS would answer those that stay with the subscriptions that they have, and lose them.
      section: { channels: { P1: { emails: ["a@example.com", "b@example.com", "c@example.com"] } } },
      to: ["b@example.com", "c@example.com"],
      steps: { "delete TopicSubscription": 1 },
    },
    "channels.P1.webhooks": {
      section: { channels: { P1: { webhooks: ["https://a.example.com/x", "https://b.example.com/x"] } } },
      to: ["https://b.example.com/x"],
      steps: { "delete TopicSubscription": 1 },
    },
    "channels.P1.slack.workspaceId": {
      section: { channels: { P1: { slack: { workspaceId: "T07EA123LEP", channelId: "C07EZ1ABC23" } } } },
      to: "T0000000000",
      steps: { "update SlackChannelConfiguration": 1 },
    },
    "channels.P1.slack.channelId": {
      section: { channels: { P1: { slack: { workspaceId: "T07EA123LEP", channelId: "C07EZ1ABC23" } } } },
      to: "C0000000000",
      steps: { "update SlackChannelConfiguration": 1 },
    },
    muted: { to: ["P3"], steps: { "update MetricAlarm": 2, "delete CompositeAlarm": 2 } },
    mutedMinutes: { to: 30, steps: {} },
    datapointSeconds: { to: 60, steps: {} },
    drill: { section: { receiptUrl: "https://sink.example.com" }, to: ["diskFree"], steps: {} },
    receiptUrl: { to: "https://sink.example.com", steps: {} },
    "receivers.*.mail": {
      section: {
        drill: ["diskFree"],
        receiptUrl: "https://sink.example.com",
        receivers: { team: { mail: "team@example.com" } },
      },
      key: "team",
      to: "all@example.com",
      steps: {},
    },
    "receivers.*.hook": {
      section: {
        drill: ["diskFree"],
        receiptUrl: "https://sink.example.com",
        receivers: { team: { hook: "slack" } },
      },
      key: "team",
      to: "team",
      steps: {},
    },
    "receivers.*.contains": {
      section: {
        drill: ["diskFree"],
        receiptUrl: "https://sink.example.com",
        receivers: { team: { hook: "slack" } },
      },
      key: "team",
      to: "#alerts",
      steps: {},
    },
    "receivers.*.severities": {
      section: {
        drill: ["diskFree"],
        receiptUrl: "https://sink.example.com",
        receivers: { team: { hook: "slack" } },
      },
      key: "team",
      to: ["P1"],
      steps: {},
    },
    deliverySeconds: { to: 30, steps: {} },
  },
  dashboards: {
    "boards[].name": { to: "everything", steps: { "create Dashboard": 1, "delete Dashboard": 1 } },
    "boards[].title": { to: "Everything", steps: {} },
    "boards[].show": { to: ["diskFree", "agent"], steps: { "update Dashboard": 1 } },
  },
  probes: {
    urls: {
      to: { health: "https://app.example.com/healthz" },
      steps: { "update HealthCheck": 1, "update MetricAlarm": 1 },
    },
    requestIntervalSeconds: { to: 10, steps: { "replace HealthCheck": 1, "update MetricAlarm": 1 } },
    failureThreshold: { to: 5, steps: { "update HealthCheck": 1 } },
    runbook: { to: "https://runbooks.example.com/probes", steps: { "update MetricAlarm": 1 } },
  },
};
