// Where alarms are told: an encrypted topic a severity, its subscribers, and a queue that keeps what could not be delivered.
// Whether a message really arrives is proven by the alarms step.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeSlackChannel } from "./slack-channel.ts";

export type Severity = "P1" | "P2" | "P3";
export const SEVERITIES = ["P1", "P2", "P3"] as const satisfies Severity[];

/** Who is told. */
export interface Channel {
  emails?: string[];
  /** http or https addresses that confirm their subscription by themselves, e.g. PagerDuty's. */
  webhooks?: Webhook[];
  /** A channel of a Slack workspace that the account's Amazon Q Developer (AWS Chatbot) has been let into. */
  slack?: { workspaceId: string; channelId: string };
}

export interface Webhook {
  /** Tells it from other webhooks, and stays as long as its address does. */
  id: string;
  url: pulumi.Input<string>;
}

export interface AlarmTopicsArgs {
  /** The account whose alarms may publish, 12 digits. */
  accountId: string;
  /** KMS key of the topics. */
  keyArn: pulumi.Input<string>;
  channels?: { [S in Severity]?: Channel };
  /** The most that the roles may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string>;
}

/** One topic a severity, `NAME-p1` to `NAME-p3`. */
export class AlarmTopics extends pulumi.ComponentResource {
  readonly arns: { [S in Severity]: pulumi.Output<string> };
  /** Name of the queue of what could not be delivered. */
  readonly undeliveredQueue: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:AlarmTopics", name, {}, opts);
    const topics = SEVERITIES.map((severity) => this.topic(name, severity, args));
    const queue = this.undelivered(
      name,
      topics.map(({ arn }) => arn),
    );
    for (const [index, severity] of SEVERITIES.entries()) {
      const topic = topics[index];
      const logicalName = `${name}-${severity.toLowerCase()}`;
      if (topic)
        this.subscribe(logicalName, topic, queue, args.channels?.[severity], args.permissionsBoundary);
    }
    const [P1, P2, P3] = topics.map(({ arn }) => arn);
    if (!P1 || !P2 || !P3) throw new Error(`alarm topics "${name}": ${topics.length} topics, want 3`);
    this.arns = { P1, P2, P3 };
    this.undeliveredQueue = queue.name;
    this.registerOutputs({ arns: this.arns, undeliveredQueue: this.undeliveredQueue });
  }

  private topic(name: string, severity: Severity, args: AlarmTopicsArgs): aws.sns.Topic {
    const logicalName = `${name}-${severity.toLowerCase()}`;
    const topic = new aws.sns.Topic(logicalName, { kmsMasterKeyId: args.keyArn }, { parent: this });
    new aws.sns.TopicPolicy(
      `${logicalName}-policy`,
      {
        arn: topic.arn,
        policy: topic.arn.apply((arn) =>
          policyFor("cloudwatch", arn, {
            sid: "AlarmsPublish",
            action: "sns:Publish",
            condition: { StringEquals: { "aws:SourceAccount": args.accountId } },
          }),
        ),
      },
      { parent: this },
    );
    return topic;
  }

  /** Messages stay for 14 days, the longest that SQS knows. */
  private undelivered(name: string, topicArns: pulumi.Output<string>[]): aws.sqs.Queue {
    const queue = new aws.sqs.Queue(
      `${name}-undelivered`,
      { sqsManagedSseEnabled: true, messageRetentionSeconds: 1_209_600 },
      { parent: this },
    );
    new aws.sqs.QueuePolicy(
      `${name}-undelivered-policy`,
      {
        queueUrl: queue.url,
        policy: pulumi.all([queue.arn, pulumi.all(topicArns)]).apply(([arn, topics]) =>
          policyFor(
            "sns",
            arn,
            {
              sid: "TopicsKeep",
              action: "sqs:SendMessage",
              condition: { ArnEquals: { "aws:SourceArn": topics } },
            },
            ["sqs:ReceiveMessage"],
          ),
        ),
      },
      { parent: this },
    );
    return queue;
  }

  private subscribe(
    name: string,
    topic: aws.sns.Topic,
    queue: aws.sqs.Queue,
    channel: Channel = {},
    permissionsBoundary?: pulumi.Input<string>,
  ): void {
    const redrivePolicy = pulumi.jsonStringify({ deadLetterTargetArn: queue.arn });
    const parent = { parent: this };
    // Named by whom they tell: SNS answers a second subscription of an endpoint with the first one, so one that moved up in a
    // list would be made again as the one that is deleted after it.
    const placed = (kind: string, index: number) => ({
      ...parent,
      aliases: [{ name: `${name}-${kind}-${index}` }],
    });
    for (const [index, endpoint] of [...new Set(channel.emails)].entries())
      new aws.sns.TopicSubscription(
        `${name}-email-${endpoint}`,
        { topic: topic.arn, protocol: "email", endpoint, redrivePolicy },
        placed("email", index),
      );
    const webhooks = new Map(channel.webhooks?.map(({ id, url }) => [id, url]));
    for (const [index, [id, url]] of [...webhooks].entries()) {
      const endpoint = pulumi.output(url);
      // The scheme alone is no secret, and a secret one would hide the whole subscription's plan.
      const protocol = pulumi.unsecret(endpoint.apply((address) => new URL(address).protocol.slice(0, -1)));
      new aws.sns.TopicSubscription(
        `${name}-webhook-${id}`,
        { topic: topic.arn, protocol, endpoint, endpointAutoConfirms: true, redrivePolicy },
        { ...placed("webhook", index), additionalSecretOutputs: ["endpoint"] },
      );
    }
    if (channel.slack)
      makeSlackChannel(name, { ...channel.slack, topicArn: topic.arn, permissionsBoundary }, this);
  }
}

/** What a service may do with the resource for those whom the condition names; nobody does it without TLS. */
function policyFor(
  service: string,
  resource: string,
  allowed: { sid: string; action: string; condition: aws.iam.PolicyStatement["Condition"] },
  alsoOverTls: string[] = [],
): string {
  const { sid, action, condition } = allowed;
  const Statement: aws.iam.PolicyStatement[] = [
    {
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: `${service}.amazonaws.com` },
      Action: action,
      Resource: resource,
      Condition: condition,
    },
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: [action, ...alsoOverTls],
      Resource: resource,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ];
  return JSON.stringify({ Version: "2012-10-17", Statement });
}
