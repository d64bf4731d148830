// aws.cloudfront.Function: JavaScript at the edge. Key value stores and tags are not supported.

import type { CloudFront } from "@aws-sdk/client-cloudfront";
import { resourceHandler } from "../../handler.ts";
import { flag, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import type { AwsSession } from "../session.ts";
import { ABSENT } from "./etag.ts";

const RUNTIMES = ["cloudfront-js-1.0", "cloudfront-js-2.0"] as const;

export const cloudfrontFunction = resourceHandler<AwsSession>()({
  inputs: {
    code: text({ required: true }),
    comment: text(),
    name: text({ replace: true, name: { maxLength: 64 } }),
    publish: flag({ default: true, kept: true }),
    runtime: text({ required: true, oneOf: RUNTIMES }),
  },
  outputs: { arn: text(), etag: text(), liveStageEtag: text(), status: text() },
  stables: ["arn"],

  identify: (desired) => desired.name,

  async observe(id, _known, session) {
    const cloudfront = await session.client("cloudfront");
    const found = await unless(ABSENT, cloudfront.describeFunction({ Name: id, Stage: "DEVELOPMENT" }));
    const summary = found?.FunctionSummary;
    if (!summary) return undefined;
    const { FunctionCode } = await cloudfront.getFunction({ Name: id, Stage: "DEVELOPMENT" });
    const live = await unless(ABSENT, cloudfront.describeFunction({ Name: id, Stage: "LIVE" }));
    return {
      arn: summary.FunctionMetadata?.FunctionARN,
      code: Buffer.from(FunctionCode ?? []).toString(),
      comment: summary.FunctionConfig?.Comment || undefined,
      etag: found?.ETag,
      liveStageEtag: live?.ETag,
      name: id,
      runtime: summary.FunctionConfig?.Runtime,
      status: summary.Status,
    };
  },

  async create(desired, session) {
    const cloudfront = await session.client("cloudfront");
    const { ETag } = await cloudfront.createFunction({
      FunctionCode: Buffer.from(desired.code),
      FunctionConfig: { Comment: desired.comment ?? "", Runtime: desired.runtime },
      Name: desired.name,
    });
    if (desired.publish) await publish(cloudfront, desired.name, ETag);
    return desired.name;
  },

  async sync(id, desired, observed, session) {
    const cloudfront = await session.client("cloudfront");
    await cloudfront.updateFunction({
      FunctionCode: Buffer.from(desired.code),
      FunctionConfig: { Comment: desired.comment ?? "", Runtime: desired.runtime },
      IfMatch: observed.etag,
      Name: id,
    });
    // The reply's own ETag is in a misspelt header (`ETtag`) that not every endpoint sends.
    const { ETag } = await cloudfront.describeFunction({ Name: id, Stage: "DEVELOPMENT" });
    if (desired.publish) await publish(cloudfront, id, ETag);
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live) return;
    const cloudfront = await session.client("cloudfront");
    await unless(ABSENT, cloudfront.deleteFunction({ Name: id, IfMatch: live.etag }));
  },
});

async function publish(cloudfront: CloudFront, Name: string, IfMatch: string | undefined): Promise<void> {
  await cloudfront.publishFunction({ Name, IfMatch });
}
