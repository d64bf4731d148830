// aws.getCallerIdentity. Without an endpoint the answer is unknown, so that a preview works offline.

import { invokeHandler } from "../../handler.ts";
import type { AwsSession } from "../session.ts";

export const callerIdentity = invokeHandler<AwsSession>()({
  inputs: {},
  async run(_args, session) {
    if (session.settings.endpoint === undefined) return { outputs: {}, unknown: true };
    const sts = await session.client("sts");
    const { Account, Arn, UserId } = await sts.getCallerIdentity({});
    return { outputs: { accountId: Account, arn: Arn, id: Account, userId: UserId } };
  },
});
