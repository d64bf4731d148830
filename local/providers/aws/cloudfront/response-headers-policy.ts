// aws.cloudfront.ResponseHeadersPolicy: headers that CloudFront adds or removes, e.g. HSTS and CSP.

import { resourceHandler } from "../../handler.ts";
import { text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { ABSENT } from "./etag.ts";
import { fromConfig, headersInputs, toConfig } from "./response-headers.ts";

export const responseHeadersPolicy = resourceHandler<AwsSession>()({
  inputs: headersInputs,
  outputs: { arn: text(), etag: text() },
  stables: ["arn"],

  validate({
    corsConfig,
    customHeadersConfig,
    removeHeadersConfig,
    securityHeadersConfig,
    serverTimingHeadersConfig,
  }) {
    const parts = [
      corsConfig,
      customHeadersConfig,
      removeHeadersConfig,
      securityHeadersConfig,
      serverTimingHeadersConfig,
    ];
    if (parts.some((part) => part !== undefined)) return [];
    return [{ property: "securityHeadersConfig", reason: "at least one kind of headers must be configured" }];
  },

  async observe(id, _known, session) {
    const cloudfront = await session.client("cloudfront");
    const found = await unless(ABSENT, cloudfront.getResponseHeadersPolicy({ Id: id }));
    const config = found?.ResponseHeadersPolicy?.ResponseHeadersPolicyConfig;
    if (!config) return undefined;
    const arn = `arn:${PARTITION}:cloudfront::${await session.accountId()}:response-headers-policy/${id}`;
    return { ...fromConfig(config), arn, etag: found?.ETag };
  },

  async create(desired, session) {
    const cloudfront = await session.client("cloudfront");
    const ResponseHeadersPolicyConfig = toConfig(desired);
    const { ResponseHeadersPolicy } = await cloudfront.createResponseHeadersPolicy({
      ResponseHeadersPolicyConfig,
    });
    return ResponseHeadersPolicy?.Id ?? "";
  },

  async sync(id, desired, observed, session) {
    const cloudfront = await session.client("cloudfront");
    const ResponseHeadersPolicyConfig = toConfig(desired);
    await cloudfront.updateResponseHeadersPolicy({
      Id: id,
      IfMatch: observed.etag,
      ResponseHeadersPolicyConfig,
    });
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live) return;
    const cloudfront = await session.client("cloudfront");
    await unless(ABSENT, cloudfront.deleteResponseHeadersPolicy({ Id: id, IfMatch: live.etag }));
  },
});
