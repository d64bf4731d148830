// aws.chatbot.SlackChannelConfiguration: shown in a preview and no more, since no emulator knows Slack.

import { resourceHandler } from "../../handler.ts";
import { flag, list, text } from "../../schema.ts";
import { tagged, taggedOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

export const slackChannelConfiguration = resourceHandler<AwsSession>()({
  inputs: {
    configurationName: text({ required: true }),
    guardrailPolicyArns: list(text(), { computed: true }),
    iamRoleArn: text({ required: true }),
    loggingLevel: text({ computed: true, oneOf: ["ERROR", "INFO", "NONE"] }),
    slackChannelId: text({ required: true }),
    slackTeamId: text({ required: true }),
    snsTopicArns: list(text(), { computed: true }),
    userAuthorizationRequired: flag({ computed: true }),
    ...tagged,
  },
  outputs: { tagsAll: taggedOutputs.tagsAll, chatConfigurationArn: text() },

  async observe() {
    return undefined;
  },

  async create(desired) {
    throw new Error(
      `slack channel "${desired.configurationName}": not served on this machine, want a stack without slack channels here; remove slack from greenlight:alarms`,
    );
  },

  async delete() {
    // It can never have been made here.
  },
});
