// What the deploying identity does for logs, alarms and whom they tell.
import { allow, each, type Permissions, type Place } from "./statement.ts";

/** Slack channels of alarms; they know no resource before they are made. */
export const chatbot: Permissions = () => [
  allow(
    each("chatbot", [
      "CreateSlackChannelConfiguration",
      "DescribeSlackChannelConfigurations",
      "UpdateSlackChannelConfiguration",
      "DeleteSlackChannelConfiguration",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    "*",
  ),
];

export const cloudwatch: Permissions = ({ name, accountId, region }) => [
  allow(
    each("cloudwatch", [
      "PutMetricAlarm",
      "PutCompositeAlarm",
      "DeleteAlarms",
      "DescribeAlarmHistory",
      "SetAlarmState",
      "EnableAlarmActions",
      "DisableAlarmActions",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}-*`,
  ),
  allow(
    each("cloudwatch", ["GetDashboard", "PutDashboard", "DeleteDashboards"]),
    `arn:aws:cloudwatch::${accountId}:dashboard/${name}*`,
  ),
  // These know no resource.
  allow(
    each("cloudwatch", [
      "DescribeAlarms",
      "GetMetricData",
      "GetMetricStatistics",
      "ListMetrics",
      "PutMetricData",
    ]),
    "*",
  ),
];

export const logs: Permissions = ({ name, accountId, logSubscription }) => [
  allow(
    each("logs", [
      "CreateLogGroup",
      "DeleteLogGroup",
      "PutRetentionPolicy",
      "DeleteRetentionPolicy",
      "AssociateKmsKey",
      "DisassociateKmsKey",
      "PutMetricFilter",
      "DeleteMetricFilter",
      "DescribeMetricFilters",
      "PutSubscriptionFilter",
      "DeleteSubscriptionFilter",
      "DescribeSubscriptionFilters",
      "FilterLogEvents",
      "StartQuery",
      "GetQueryResults",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    [`/${name}/*`, `aws-waf-logs-${name}*`].map((group) => `arn:aws:logs:*:${accountId}:log-group:${group}`),
  ),
  // The last ones are for services that write logs themselves, such as ElastiCache and AWS WAF, and know no resource.
  allow(
    each("logs", [
      "DescribeLogGroups",
      "DescribeResourcePolicies",
      "PutResourcePolicy",
      "CreateLogDelivery",
      "DeleteLogDelivery",
      "GetLogDelivery",
      "ListLogDeliveries",
      "UpdateLogDelivery",
    ]),
    "*",
  ),
  ...handingOn(logSubscription),
];

/** A destination of another account is asked itself, and a role for a stream is handed to CloudWatch Logs. */
function handingOn({ destinationArn, roleArn }: Partial<NonNullable<Place["logSubscription"]>> = {}) {
  const asked = destinationArn?.includes(":destination:") ? [destinationArn] : [];
  const handed = roleArn === undefined ? [] : [roleArn];
  return [
    ...asked.map((arn) => allow(["logs:PutSubscriptionFilter"], arn)),
    ...handed.map((arn) =>
      allow(["iam:PassRole"], arn, { StringLike: { "iam:PassedToService": "logs.*amazonaws.com" } }),
    ),
  ];
}

export const sns: Permissions = ({ name, accountId, region }) => [
  allow(
    each("sns", [
      "CreateTopic",
      "DeleteTopic",
      "GetTopicAttributes",
      "SetTopicAttributes",
      "Subscribe",
      "ListSubscriptionsByTopic",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    `arn:aws:sns:${region}:${accountId}:${name}-*`,
  ),
  allow(
    each("sns", ["GetSubscriptionAttributes", "SetSubscriptionAttributes", "Unsubscribe"]),
    `arn:aws:sns:${region}:${accountId}:*`,
  ),
];

export const sqs: Permissions = ({ name, accountId, region }) => [
  allow(
    each("sqs", [
      "CreateQueue",
      "DeleteQueue",
      "GetQueueAttributes",
      "GetQueueUrl",
      "ListQueueTags",
      "SetQueueAttributes",
      "TagQueue",
      "UntagQueue",
    ]),
    `arn:aws:sqs:${region}:${accountId}:${name}-*`,
  ),
];
