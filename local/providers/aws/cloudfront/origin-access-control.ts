// aws.cloudfront.OriginAccessControl: how CloudFront signs its requests to an origin.

import { resourceHandler } from "../../handler.ts";
import { text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { ABSENT } from "./etag.ts";

const TYPES = ["s3", "lambda", "mediastore", "mediapackagev2"] as const;
const BEHAVIORS = ["always", "never", "no-override"] as const;

const inputs = {
  description: text({ default: "Managed by Pulumi" }),
  name: text({ name: { maxLength: 64 } }),
  originAccessControlOriginType: text({ required: true, oneOf: TYPES }),
  signingBehavior: text({ required: true, oneOf: BEHAVIORS }),
  signingProtocol: text({ required: true, oneOf: ["sigv4", "sigv4a"] }),
} as const;

export const originAccessControl = resourceHandler<AwsSession>()({
  inputs,
  outputs: { arn: text(), etag: text() },
  stables: ["arn"],

  async observe(id, _known, session) {
    const cloudfront = await session.client("cloudfront");
    const found = await unless(ABSENT, cloudfront.getOriginAccessControl({ Id: id }));
    const config = found?.OriginAccessControl?.OriginAccessControlConfig;
    if (!config) return undefined;
    return {
      arn: `arn:${PARTITION}:cloudfront::${await session.accountId()}:origin-access-control/${id}`,
      description: config.Description || undefined,
      etag: found?.ETag,
      name: config.Name,
      originAccessControlOriginType: TYPES.find((type) => type === config.OriginAccessControlOriginType),
      signingBehavior: BEHAVIORS.find((behavior) => behavior === config.SigningBehavior),
      signingProtocol: config.SigningProtocol,
    };
  },

  async create(desired, session) {
    const cloudfront = await session.client("cloudfront");
    const { OriginAccessControl } = await cloudfront.createOriginAccessControl({
      OriginAccessControlConfig: configOf(desired),
    });
    return OriginAccessControl?.Id ?? "";
  },

  async sync(id, desired, observed, session) {
    const cloudfront = await session.client("cloudfront");
    await cloudfront.updateOriginAccessControl({
      Id: id,
      IfMatch: observed.etag,
      OriginAccessControlConfig: configOf(desired),
    });
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live) return;
    const cloudfront = await session.client("cloudfront");
    await unless(ABSENT, cloudfront.deleteOriginAccessControl({ Id: id, IfMatch: live.etag }));
  },
});

function configOf(desired: ValuesOf<typeof inputs>) {
  return {
    Description: desired.description,
    Name: desired.name,
    OriginAccessControlOriginType: desired.originAccessControlOriginType,
    SigningBehavior: desired.signingBehavior,
    SigningProtocol: desired.signingProtocol,
  };
}
