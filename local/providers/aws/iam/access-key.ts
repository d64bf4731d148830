// aws.iam.AccessKey. IAM tells the secret once, on creation: from then on it is in the stack's state only. PGP
// encryption is not supported.

import { createHmac } from "node:crypto";
import { resourceHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT } from "./documents.ts";

const STATUSES = ["Active", "Inactive"] as const;

export const accessKey = resourceHandler<AwsSession>()({
  inputs: {
    status: text({ default: "Active", oneOf: STATUSES }),
    user: text({ required: true, replace: true }),
  },
  outputs: {
    createDate: text(),
    secret: text({ kept: true, secret: true }),
    sesSmtpPasswordV4: text({ kept: true, secret: true }),
  },
  stables: ["createDate"],

  async observe(id, known, session) {
    const iam = await session.client("iam");
    const found = await unless(ABSENT, iam.listAccessKeys({ UserName: known.user }));
    const live = found?.AccessKeyMetadata?.find(({ AccessKeyId }) => AccessKeyId === id);
    if (!live) return undefined;
    return {
      createDate: live.CreateDate?.toISOString(),
      status: STATUSES.find((status) => status === live.Status),
      user: live.UserName,
    };
  },

  async create({ user, status }, session) {
    const iam = await session.client("iam");
    const { AccessKey } = await iam.createAccessKey({ UserName: user });
    const { AccessKeyId: id = "", SecretAccessKey: secret = "" } = AccessKey ?? {};
    if (status !== "Active") await iam.updateAccessKey({ UserName: user, AccessKeyId: id, Status: status });
    return { id, once: { secret, sesSmtpPasswordV4: smtpPassword(secret, session.region) } };
  },

  async sync(id, desired, _observed, session) {
    const iam = await session.client("iam");
    await iam.updateAccessKey({ UserName: desired.user, AccessKeyId: id, Status: desired.status });
  },

  async delete(id, known, session) {
    const iam = await session.client("iam");
    await unless(ABSENT, iam.deleteAccessKey({ UserName: known.user, AccessKeyId: id }));
  },
});

/** SES's own derivation (SES developer guide, "Obtaining SMTP credentials by converting AWS credentials"). */
function smtpPassword(secret: string, region: string): string {
  const steps = ["11111111", region, "ses", "aws4_request", "SendRawEmail"];
  const signature = steps.reduce<Buffer>(
    (key, message) => createHmac("sha256", key).update(message).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return Buffer.concat([Buffer.from([0x04]), signature]).toString("base64");
}
