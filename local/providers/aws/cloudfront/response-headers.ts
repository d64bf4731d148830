// The configuration of a response headers policy: its table and its two spellings, Pulumi's and CloudFront's.

import type {
  FrameOptionsList,
  ResponseHeadersPolicyAccessControlAllowMethodsValues as Method,
  ReferrerPolicyList,
  ResponseHeadersPolicyConfig,
} from "@aws-sdk/client-cloudfront";
import { flag, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { counted } from "./etag.ts";

const override = flag({ required: true });
const items = object({ items: set(text()) }, { required: true });
const METHODS = [
  "GET",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "ALL",
] as const satisfies Method[];
const FRAME_OPTIONS = ["DENY", "SAMEORIGIN"] as const satisfies FrameOptionsList[];
const REFERRER_POLICIES = [
  "no-referrer",
  "no-referrer-when-downgrade",
  "origin",
  "origin-when-cross-origin",
  "same-origin",
  "strict-origin",
  "strict-origin-when-cross-origin",
  "unsafe-url",
] as const satisfies ReferrerPolicyList[];

const cors = object({
  accessControlAllowCredentials: flag({ required: true }),
  accessControlAllowHeaders: items,
  accessControlAllowMethods: object({ items: set(text({ oneOf: METHODS })) }, { required: true }),
  accessControlAllowOrigins: items,
  accessControlExposeHeaders: object({ items: set(text()) }),
  accessControlMaxAgeSec: number({ minimum: 0 }),
  originOverride: flag({ required: true }),
});

const security = object({
  contentSecurityPolicy: object({ contentSecurityPolicy: text({ required: true }), override }),
  contentTypeOptions: object({ override }),
  frameOptions: object({ frameOption: text({ required: true, oneOf: FRAME_OPTIONS }), override }),
  referrerPolicy: object({ referrerPolicy: text({ required: true, oneOf: REFERRER_POLICIES }), override }),
  strictTransportSecurity: object({
    accessControlMaxAgeSec: number({ required: true, minimum: 0 }),
    includeSubdomains: flag(),
    override,
    preload: flag(),
  }),
  xssProtection: object({
    modeBlock: flag(),
    override,
    protection: flag({ required: true }),
    reportUri: text(),
  }),
});

export const headersInputs = {
  comment: text(),
  corsConfig: cors,
  customHeadersConfig: object({
    items: set(object({ header: text({ required: true }), override, value: text({ required: true }) })),
  }),
  name: text({ name: { maxLength: 128 } }),
  removeHeadersConfig: object({ items: set(object({ header: text({ required: true }) })) }),
  securityHeadersConfig: security,
  serverTimingHeadersConfig: object({
    enabled: flag({ required: true }),
    samplingRate: number({ required: true, minimum: 0, maximum: 100 }),
  }),
} as const;

type Headers = ValuesOf<typeof headersInputs>;

export function toConfig(from: Headers): ResponseHeadersPolicyConfig {
  const { corsConfig, customHeadersConfig, removeHeadersConfig, serverTimingHeadersConfig } = from;
  return {
    Name: from.name,
    Comment: from.comment ?? "",
    CorsConfig: corsConfig && {
      AccessControlAllowCredentials: corsConfig.accessControlAllowCredentials,
      AccessControlAllowHeaders: counted(corsConfig.accessControlAllowHeaders.items),
      AccessControlAllowMethods: counted(corsConfig.accessControlAllowMethods.items),
      AccessControlAllowOrigins: counted(corsConfig.accessControlAllowOrigins.items),
      AccessControlExposeHeaders:
        corsConfig.accessControlExposeHeaders && counted(corsConfig.accessControlExposeHeaders.items),
      AccessControlMaxAgeSec: corsConfig.accessControlMaxAgeSec,
      OriginOverride: corsConfig.originOverride,
    },
    CustomHeadersConfig:
      customHeadersConfig &&
      counted(
        customHeadersConfig.items?.map(({ header, value, override: wins }) => ({
          Header: header,
          Value: value,
          Override: wins,
        })),
      ),
    RemoveHeadersConfig:
      removeHeadersConfig && counted(removeHeadersConfig.items?.map(({ header }) => ({ Header: header }))),
    SecurityHeadersConfig: toSecurity(from.securityHeadersConfig),
    ServerTimingHeadersConfig: serverTimingHeadersConfig && {
      Enabled: serverTimingHeadersConfig.enabled,
      SamplingRate: serverTimingHeadersConfig.samplingRate,
    },
  };
}

function toSecurity(
  from: Headers["securityHeadersConfig"],
): ResponseHeadersPolicyConfig["SecurityHeadersConfig"] {
  if (!from) return undefined;
  const { contentSecurityPolicy: csp, frameOptions: frame, strictTransportSecurity: hsts } = from;
  const { contentTypeOptions, referrerPolicy: referrer, xssProtection: xss } = from;
  return {
    ContentSecurityPolicy: csp && {
      ContentSecurityPolicy: csp.contentSecurityPolicy,
      Override: csp.override,
    },
    ContentTypeOptions: contentTypeOptions && { Override: contentTypeOptions.override },
    FrameOptions: frame && { FrameOption: frame.frameOption, Override: frame.override },
    ReferrerPolicy: referrer && { ReferrerPolicy: referrer.referrerPolicy, Override: referrer.override },
    StrictTransportSecurity: hsts && {
      AccessControlMaxAgeSec: hsts.accessControlMaxAgeSec,
      IncludeSubdomains: hsts.includeSubdomains,
      Override: hsts.override,
      Preload: hsts.preload,
    },
    XSSProtection: xss && {
      ModeBlock: xss.modeBlock,
      Override: xss.override,
      Protection: xss.protection,
      ReportUri: xss.reportUri,
    },
  };
}

export function fromConfig(found: ResponseHeadersPolicyConfig): Partial<Headers> {
  const { CorsConfig: corsConfig, ServerTimingHeadersConfig: timing } = found;
  return {
    comment: found.Comment || undefined,
    name: found.Name,
    corsConfig: corsConfig && {
      accessControlAllowCredentials: corsConfig.AccessControlAllowCredentials ?? false,
      accessControlAllowHeaders: { items: corsConfig.AccessControlAllowHeaders?.Items ?? [] },
      accessControlAllowMethods: { items: corsConfig.AccessControlAllowMethods?.Items ?? [] },
      accessControlAllowOrigins: { items: corsConfig.AccessControlAllowOrigins?.Items ?? [] },
      accessControlExposeHeaders: corsConfig.AccessControlExposeHeaders && {
        items: corsConfig.AccessControlExposeHeaders.Items ?? [],
      },
      accessControlMaxAgeSec: corsConfig.AccessControlMaxAgeSec,
      originOverride: corsConfig.OriginOverride ?? false,
    },
    customHeadersConfig: found.CustomHeadersConfig && {
      items: found.CustomHeadersConfig.Items?.map(({ Header = "", Value = "", Override = false }) => ({
        header: Header,
        value: Value,
        override: Override,
      })),
    },
    removeHeadersConfig: found.RemoveHeadersConfig && {
      items: found.RemoveHeadersConfig.Items?.map(({ Header = "" }) => ({ header: Header })),
    },
    securityHeadersConfig: fromSecurity(found.SecurityHeadersConfig),
    serverTimingHeadersConfig: timing && {
      enabled: timing.Enabled ?? false,
      samplingRate: timing.SamplingRate ?? 0,
    },
  };
}

function fromSecurity(
  found: ResponseHeadersPolicyConfig["SecurityHeadersConfig"],
): Headers["securityHeadersConfig"] {
  if (!found) return undefined;
  const { ContentSecurityPolicy: csp, FrameOptions: frame, StrictTransportSecurity: hsts } = found;
  const { ContentTypeOptions, ReferrerPolicy: referrer, XSSProtection: xss } = found;
  return {
    contentSecurityPolicy: csp && {
      contentSecurityPolicy: csp.ContentSecurityPolicy ?? "",
      override: csp.Override ?? false,
    },
    contentTypeOptions: ContentTypeOptions && { override: ContentTypeOptions.Override ?? false },
    frameOptions: frame && { frameOption: frame.FrameOption ?? "DENY", override: frame.Override ?? false },
    referrerPolicy: referrer && {
      referrerPolicy: REFERRER_POLICIES.find((p) => p === referrer.ReferrerPolicy) ?? "no-referrer",
      override: referrer.Override ?? false,
    },
    strictTransportSecurity: hsts && {
      accessControlMaxAgeSec: hsts.AccessControlMaxAgeSec ?? 0,
      includeSubdomains: hsts.IncludeSubdomains,
      override: hsts.Override ?? false,
      preload: hsts.Preload,
    },
    xssProtection: xss && {
      modeBlock: xss.ModeBlock,
      override: xss.Override ?? false,
      protection: xss.Protection ?? false,
      reportUri: xss.ReportUri,
    },
  };
}
