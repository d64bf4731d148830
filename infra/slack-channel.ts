// A topic's messages in a channel of Slack, through Amazon Q Developer in chat applications (AWS Chatbot).
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export interface SlackChannelArgs {
  /** The workspace, let into the account once. */
  workspaceId: string;
  channelId: string;
  topicArn: pulumi.Input<string>;
  /** The most that the role may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string> | undefined;
}

/** `NAME-slack`. Its role may only look at alarms and metrics: a person in the channel can do nothing with it. */
export function makeSlackChannel(name: string, args: SlackChannelArgs, parent: pulumi.Resource): void {
  const { permissionsBoundary } = args;
  const role = new aws.iam.Role(
    `${name}-slack`,
    { assumeRolePolicy: CHATBOT_ASSUMES, permissionsBoundary },
    { parent },
  );
  new aws.iam.RolePolicy(`${name}-slack-reads`, { role: role.name, policy: CHATBOT_READS }, { parent });
  new aws.chatbot.SlackChannelConfiguration(
    `${name}-slack`,
    {
      configurationName: `${name}-slack`,
      iamRoleArn: role.arn,
      slackTeamId: args.workspaceId,
      slackChannelId: args.channelId,
      snsTopicArns: [args.topicArn],
      guardrailPolicyArns: ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
      loggingLevel: "ERROR",
    },
    { parent },
  );
}

const CHATBOT_ASSUMES = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "chatbot.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

const CHATBOT_READS = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "ReadsAlarms",
      Effect: "Allow",
      Action: ["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"],
      Resource: "*",
    },
  ],
});
