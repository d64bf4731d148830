// aws.secretsmanager.SecretPolicy.

import { resourceHandler } from "../../handler.ts";
import { flag, policy, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

// InvalidRequestException: the secret is scheduled for deletion.
const ABSENT = ["ResourceNotFoundException", "InvalidRequestException"];

const inputs = {
  secretArn: text({ required: true, replace: true }),
  policy: policy({ required: true }),
  blockPublicPolicy: flag({ kept: true }),
  ...regional,
} as const;

export const secretPolicy = resourceHandler<AwsSession>()({
  inputs,
  outputs: {},

  identify: (desired) => desired.secretArn,

  async observe(id, _known, session) {
    const manager = await session.client("secretsManager");
    const found = await unless(ABSENT, manager.getResourcePolicy({ SecretId: id }));
    if (!found?.ResourcePolicy) return undefined;
    return { secretArn: id, policy: found.ResourcePolicy, region: session.region };
  },

  async create(desired, session) {
    await put(desired, session);
    return desired.secretArn;
  },

  sync: (_id, desired, _observed, session) => put(desired, session),

  async delete(id, _known, session) {
    const manager = await session.client("secretsManager");
    await unless(ABSENT, manager.deleteResourcePolicy({ SecretId: id }));
  },
});

async function put(desired: ValuesOf<typeof inputs>, session: AwsSession): Promise<void> {
  const manager = await session.client("secretsManager");
  await manager.putResourcePolicy({
    SecretId: desired.secretArn,
    ResourcePolicy: desired.policy,
    BlockPublicPolicy: desired.blockPublicPolicy,
  });
}
