// Controls of Amazon CloudWatch and of what alarms tell: SNS topics and the SQS queue of what could not be delivered.
import { type Control, type Met, rewriting, setting, statementsOf, without } from "./control.ts";

const METRIC = "aws:cloudwatch/metricAlarm:MetricAlarm";
const COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm";
const LOGS = "aws:cloudwatch/logGroup:LogGroup";
const TOPIC = "aws:sns/topic:Topic";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
const QUEUE = "aws:sqs/queue:Queue";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";

const told = (actions: unknown) => Array.isArray(actions) && actions.length > 0;

export const cloudwatch: Control[] = [
  {
    id: "CloudWatch.15",
    asks: "alarms have actions",
    type: METRIC,
    about: ({ name }) => !name.endsWith("-deploying"),
    met: "each tells the topic of its severity, by itself or by its composite alarm; the one that says that a deployment goes on tells nobody",
    holds: ({ name, inputs }, estate) =>
      told(inputs.alarmActions) ||
      estate.some(
        (one) => one.type === COMPOSITE && one.name === `${name}-message` && told(one.inputs.alarmActions),
      ),
    breaks: [
      ({ name, inputs }, estate) => {
        inputs.alarmActions = [];
        const message = estate.find((one) => one.name === `${name}-message`);
        if (message) without(estate, message);
      },
    ],
  },
  {
    id: "CloudWatch.16",
    asks: "log groups are kept for at least a year",
    type: LOGS,
    waived:
      "30 days unless `greenlight:logs.retentionDays` says otherwise, as the systems' own rules ask; what a deployment did is kept in the records bucket",
  },
  {
    id: "CloudWatch.17",
    asks: "alarm actions are switched on",
    type: METRIC,
    met: "they are, and the alarms step fails when somebody switched them off",
    holds: ({ inputs }) => inputs.actionsEnabled !== false,
    breaks: [setting(["actionsEnabled"], false)],
  },
  {
    id: "CloudWatch.17",
    asks: "alarm actions are switched on",
    type: COMPOSITE,
    met: "they are, and the alarms step fails when somebody switched them off",
    holds: ({ inputs }) => inputs.actionsEnabled !== false && told(inputs.alarmActions),
    breaks: [setting(["actionsEnabled"], false), setting(["alarmActions"], [])],
  },
  {
    id: "(own key)",
    asks: "the application's log groups are encrypted with a key whose use can be seen and withdrawn",
    type: LOGS,
    about: ({ inputs }) => !String(inputs.name).startsWith("aws-waf-logs"),
    met: "the stack's own KMS key for logs",
    holds: ({ inputs }) => typeof inputs.kmsKeyId === "string" && inputs.kmsKeyId.includes(":kms:"),
    breaks: [setting(["kmsKeyId"], undefined)],
  },
];

const public_ = (statement: { Principal?: unknown; Effect: string }) =>
  statement.Effect === "Allow" && JSON.stringify(statement.Principal ?? "*").includes('"*"');
const opened: Met["breaks"][number] = rewriting("policy", (all) =>
  all.map((one) => ({ ...one, Principal: "*" })),
);

export const sns: Control[] = [
  {
    id: "SNS.1",
    asks: "topics are encrypted with KMS",
    type: TOPIC,
    met: "with the stack's own key, which CloudWatch may use",
    holds: ({ inputs }) =>
      typeof inputs.kmsMasterKeyId === "string" && inputs.kmsMasterKeyId.includes(":kms:"),
    breaks: [setting(["kmsMasterKeyId"], undefined), setting(["kmsMasterKeyId"], "alias/aws/sns")],
  },
  {
    id: "SNS.4",
    asks: "no public access",
    type: TOPIC_POLICY,
    met: "the account's alarms alone may publish, over TLS alone",
    holds: ({ inputs }) => {
      const statements = statementsOf(inputs.policy);
      const allowed = statements.filter(({ Effect }) => Effect === "Allow");
      return (
        allowed.length > 0 &&
        !allowed.some(public_) &&
        allowed.every(({ Condition }) => Condition?.StringEquals?.["aws:SourceAccount"] !== undefined) &&
        statements.some(({ Effect, Condition }) => Effect === "Deny" && Condition?.Bool !== undefined)
      );
    },
    breaks: [
      opened,
      rewriting("policy", (all) => all.map(({ Condition: _, ...one }) => one)),
      rewriting("policy", (all) => all.filter(({ Effect }) => Effect !== "Deny")),
    ],
  },
  {
    id: "(dead letters)",
    asks: "a message that nobody took is kept",
    type: SUBSCRIPTION,
    met: "for 14 days in a queue of its own",
    holds: ({ inputs }) => String(inputs.redrivePolicy ?? "").includes("deadLetterTargetArn"),
    breaks: [setting(["redrivePolicy"], undefined), setting(["redrivePolicy"], "{}")],
  },
];

export const sqs: Control[] = [
  {
    id: "SQS.1",
    asks: "queues are encrypted at rest",
    type: QUEUE,
    met: "with keys that SQS manages, so that topics can deliver without a key of their own",
    holds: ({ inputs }) => inputs.sqsManagedSseEnabled === true,
    breaks: [setting(["sqsManagedSseEnabled"], false), setting(["sqsManagedSseEnabled"], undefined)],
  },
  {
    id: "SQS.3",
    asks: "no public access",
    type: QUEUE_POLICY,
    met: "the stack's topics alone may send",
    holds: ({ inputs }) => {
      const allowed = statementsOf(inputs.policy).filter(({ Effect }) => Effect === "Allow");
      return (
        allowed.length > 0 &&
        !allowed.some(public_) &&
        allowed.every(({ Condition }) => Condition?.ArnEquals?.["aws:SourceArn"] !== undefined)
      );
    },
    breaks: [opened, rewriting("policy", (all) => all.map(({ Condition: _, ...one }) => one))],
  },
];
