// aws.cloudfront.CachePolicy: what is in the cache key and how long objects stay.

import type { CachePolicyConfig } from "@aws-sdk/client-cloudfront";
import { resourceHandler } from "../../handler.ts";
import { flag, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { unless } from "../absent.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { ABSENT, counted } from "./etag.ts";

const BEHAVIORS = ["none", "whitelist", "allExcept", "all"] as const;
const HEADER_BEHAVIORS = ["none", "whitelist"] as const;
const names = object({ items: set(text()) });

const inputs = {
  comment: text(),
  defaultTtl: number({ default: 86400, minimum: 0 }),
  maxTtl: number({ default: 31536000, minimum: 0 }),
  minTtl: number({ default: 0, minimum: 0 }),
  name: text({ name: { maxLength: 128 } }),
  parametersInCacheKeyAndForwardedToOrigin: object(
    {
      cookiesConfig: object(
        { cookieBehavior: text({ required: true, oneOf: BEHAVIORS }), cookies: names },
        { required: true },
      ),
      enableAcceptEncodingBrotli: flag(),
      enableAcceptEncodingGzip: flag(),
      headersConfig: object(
        { headerBehavior: text({ oneOf: HEADER_BEHAVIORS }), headers: names },
        { required: true },
      ),
      queryStringsConfig: object(
        { queryStringBehavior: text({ required: true, oneOf: BEHAVIORS }), queryStrings: names },
        { required: true },
      ),
    },
    { required: true },
  ),
} as const;

type Desired = ValuesOf<typeof inputs>;

export const cachePolicy = resourceHandler<AwsSession>()({
  inputs,
  outputs: { arn: text(), etag: text() },
  stables: ["arn"],

  async observe(id, _known, session) {
    const cloudfront = await session.client("cloudfront");
    const found = await unless(ABSENT, cloudfront.getCachePolicy({ Id: id }));
    const config = found?.CachePolicy?.CachePolicyConfig;
    if (!config) return undefined;
    const arn = `arn:${PARTITION}:cloudfront::${await session.accountId()}:cache-policy/${id}`;
    return { ...fromConfig(config), arn, etag: found?.ETag };
  },

  async create(desired, session) {
    const cloudfront = await session.client("cloudfront");
    const { CachePolicy } = await cloudfront.createCachePolicy({ CachePolicyConfig: toConfig(desired) });
    return CachePolicy?.Id ?? "";
  },

  async sync(id, desired, observed, session) {
    const cloudfront = await session.client("cloudfront");
    const CachePolicyConfig = toConfig(desired);
    await cloudfront.updateCachePolicy({ Id: id, IfMatch: observed.etag, CachePolicyConfig });
  },

  async delete(id, known, session) {
    const live = await this.observe(id, known, session);
    if (!live) return;
    const cloudfront = await session.client("cloudfront");
    await unless(ABSENT, cloudfront.deleteCachePolicy({ Id: id, IfMatch: live.etag }));
  },
});

function toConfig(from: Desired): CachePolicyConfig {
  const key = from.parametersInCacheKeyAndForwardedToOrigin;
  const { cookiesConfig, headersConfig, queryStringsConfig } = key;
  return {
    Comment: from.comment ?? "",
    DefaultTTL: from.defaultTtl,
    MaxTTL: from.maxTtl,
    MinTTL: from.minTtl,
    Name: from.name,
    ParametersInCacheKeyAndForwardedToOrigin: {
      CookiesConfig: {
        CookieBehavior: cookiesConfig.cookieBehavior,
        Cookies: cookiesConfig.cookies && counted(cookiesConfig.cookies.items),
      },
      EnableAcceptEncodingBrotli: key.enableAcceptEncodingBrotli ?? false,
      EnableAcceptEncodingGzip: key.enableAcceptEncodingGzip ?? false,
      HeadersConfig: {
        HeaderBehavior: headersConfig.headerBehavior ?? "none",
        Headers: headersConfig.headers && counted(headersConfig.headers.items),
      },
      QueryStringsConfig: {
        QueryStringBehavior: queryStringsConfig.queryStringBehavior,
        QueryStrings: queryStringsConfig.queryStrings && counted(queryStringsConfig.queryStrings.items),
      },
    },
  };
}

function fromConfig(found: CachePolicyConfig): Partial<Desired> {
  const key = found.ParametersInCacheKeyAndForwardedToOrigin;
  const { CookiesConfig, HeadersConfig, QueryStringsConfig } = key ?? {};
  return {
    comment: found.Comment || undefined,
    defaultTtl: found.DefaultTTL,
    maxTtl: found.MaxTTL,
    minTtl: found.MinTTL,
    name: found.Name,
    parametersInCacheKeyAndForwardedToOrigin: {
      cookiesConfig: {
        cookieBehavior: CookiesConfig?.CookieBehavior ?? "none",
        cookies: CookiesConfig?.Cookies?.Items && { items: CookiesConfig.Cookies.Items },
      },
      enableAcceptEncodingBrotli: key?.EnableAcceptEncodingBrotli,
      enableAcceptEncodingGzip: key?.EnableAcceptEncodingGzip,
      headersConfig: {
        headerBehavior: HeadersConfig?.HeaderBehavior ?? "none",
        headers: HeadersConfig?.Headers?.Items && { items: HeadersConfig.Headers.Items },
      },
      queryStringsConfig: {
        queryStringBehavior: QueryStringsConfig?.QueryStringBehavior ?? "none",
        queryStrings: QueryStringsConfig?.QueryStrings?.Items && {
          items: QueryStringsConfig.QueryStrings.Items,
        },
      },
    },
  };
}
