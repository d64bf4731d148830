// How a distribution treats requests, by default or for a path: its table and its two spellings.

import type { DefaultCacheBehavior, ForwardedValues, Method } from "@aws-sdk/client-cloudfront";
import { flag, list, number, object, set, text, type ValueOf, type ValuesOf } from "../../schema.ts";
import { counted } from "./etag.ts";

const METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"] as const satisfies Method[];
const methods = set(text({ oneOf: METHODS }), { required: true });

const forwardedValues = object({
  cookies: object(
    { forward: text({ required: true, oneOf: ["all", "none", "whitelist"] }), whitelistedNames: set(text()) },
    { required: true },
  ),
  headers: set(text()),
  queryString: flag({ required: true }),
  queryStringCacheKeys: list(text()),
});

export const behaviorFields = {
  allowedMethods: methods,
  cachePolicyId: text(),
  cachedMethods: methods,
  compress: flag({ default: false }),
  defaultTtl: number({ computed: true, minimum: 0 }),
  forwardedValues,
  functionAssociations: set(
    object({
      eventType: text({ required: true, oneOf: ["viewer-request", "viewer-response"] }),
      functionArn: text({ required: true }),
    }),
  ),
  maxTtl: number({ computed: true, minimum: 0 }),
  minTtl: number({ default: 0, minimum: 0 }),
  originRequestPolicyId: text(),
  responseHeadersPolicyId: text(),
  targetOriginId: text({ required: true }),
  viewerProtocolPolicy: text({ required: true, oneOf: ["allow-all", "https-only", "redirect-to-https"] }),
} as const;

type Behavior = ValuesOf<typeof behaviorFields>;

/** Times to live belong to the cache policy where there is one: CloudFront takes them only with forwarded values. */
export function toBehavior(from: Behavior): DefaultCacheBehavior {
  const { forwardedValues: forwarded } = from;
  const lifetimes = forwarded && { MinTTL: from.minTtl, DefaultTTL: from.defaultTtl, MaxTTL: from.maxTtl };
  return {
    AllowedMethods: { ...counted(from.allowedMethods), CachedMethods: counted(from.cachedMethods) },
    CachePolicyId: from.cachePolicyId,
    Compress: from.compress,
    ForwardedValues: forwarded && toForwarded(forwarded),
    FunctionAssociations: counted(
      from.functionAssociations?.map(({ eventType, functionArn }) => ({
        EventType: eventType,
        FunctionARN: functionArn,
      })),
    ),
    OriginRequestPolicyId: from.originRequestPolicyId,
    ResponseHeadersPolicyId: from.responseHeadersPolicyId,
    TargetOriginId: from.targetOriginId,
    ViewerProtocolPolicy: from.viewerProtocolPolicy,
    FieldLevelEncryptionId: "",
    LambdaFunctionAssociations: { Quantity: 0 },
    SmoothStreaming: false,
    ...lifetimes,
  };
}

function toForwarded(from: ValueOf<typeof forwardedValues>): ForwardedValues {
  return {
    Cookies: { Forward: from.cookies.forward, WhitelistedNames: counted(from.cookies.whitelistedNames) },
    Headers: counted(from.headers),
    QueryString: from.queryString,
    QueryStringCacheKeys: counted(from.queryStringCacheKeys),
  };
}

export function fromBehavior(found: DefaultCacheBehavior): Behavior {
  const { ForwardedValues: forwarded } = found;
  const associations = found.FunctionAssociations?.Items;
  return {
    allowedMethods: knownMethods(found.AllowedMethods?.Items),
    cachePolicyId: found.CachePolicyId || undefined,
    cachedMethods: knownMethods(found.AllowedMethods?.CachedMethods?.Items),
    compress: found.Compress ?? false,
    defaultTtl: found.DefaultTTL,
    forwardedValues: forwarded && {
      cookies: {
        forward: forwarded.Cookies?.Forward ?? "none",
        whitelistedNames: forwarded.Cookies?.WhitelistedNames?.Items,
      },
      headers: forwarded.Headers?.Items,
      queryString: forwarded.QueryString ?? false,
      queryStringCacheKeys: forwarded.QueryStringCacheKeys?.Items,
    },
    functionAssociations: associations?.map(({ EventType, FunctionARN = "" }) => ({
      eventType: EventType === "viewer-response" ? EventType : "viewer-request",
      functionArn: FunctionARN,
    })),
    maxTtl: found.MaxTTL,
    minTtl: found.MinTTL ?? 0,
    originRequestPolicyId: found.OriginRequestPolicyId || undefined,
    responseHeadersPolicyId: found.ResponseHeadersPolicyId || undefined,
    targetOriginId: found.TargetOriginId ?? "",
    viewerProtocolPolicy: found.ViewerProtocolPolicy ?? "allow-all",
  };
}

function knownMethods(found: Method[] | undefined): (typeof METHODS)[number][] {
  return METHODS.filter((method) => found?.includes(method));
}
