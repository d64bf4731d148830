// Where a distribution takes content from: its table and its two spellings. VPC origins and Origin Shield are not
// supported.

import type { Origin, OriginProtocolPolicy, SslProtocol } from "@aws-sdk/client-cloudfront";
import { number, object, set, text, type ValueOf } from "../../schema.ts";
import { counted } from "./etag.ts";

const POLICIES = ["http-only", "https-only", "match-viewer"] as const satisfies OriginProtocolPolicy[];
const SSL_PROTOCOLS = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"] as const satisfies SslProtocol[];

export const origin = object({
  connectionAttempts: number({ default: 3, minimum: 1, maximum: 3 }),
  connectionTimeout: number({ default: 10, minimum: 1, maximum: 10 }),
  customHeaders: set(object({ name: text({ required: true }), value: text({ required: true }) })),
  customOriginConfig: object({
    httpPort: number({ required: true, minimum: 1, maximum: 65535 }),
    httpsPort: number({ required: true, minimum: 1, maximum: 65535 }),
    originKeepaliveTimeout: number({ default: 5, minimum: 1, maximum: 180 }),
    originProtocolPolicy: text({ required: true, oneOf: POLICIES }),
    originReadTimeout: number({ default: 30, minimum: 1, maximum: 180 }),
    originSslProtocols: set(text({ oneOf: SSL_PROTOCOLS }), { required: true }),
  }),
  domainName: text({ required: true }),
  originAccessControlId: text(),
  originId: text({ required: true }),
  originPath: text(),
  s3OriginConfig: object({ originAccessIdentity: text({ required: true }) }),
});

type OriginValues = ValueOf<typeof origin>;

export function toOrigin(from: OriginValues): Origin {
  const { customOriginConfig: custom, s3OriginConfig } = from;
  return {
    ConnectionAttempts: from.connectionAttempts,
    ConnectionTimeout: from.connectionTimeout,
    CustomHeaders: counted(
      from.customHeaders?.map(({ name, value }) => ({ HeaderName: name, HeaderValue: value })),
    ),
    CustomOriginConfig: custom && {
      HTTPPort: custom.httpPort,
      HTTPSPort: custom.httpsPort,
      OriginKeepaliveTimeout: custom.originKeepaliveTimeout,
      OriginProtocolPolicy: custom.originProtocolPolicy,
      OriginReadTimeout: custom.originReadTimeout,
      OriginSslProtocols: counted(custom.originSslProtocols),
    },
    DomainName: from.domainName,
    Id: from.originId,
    OriginAccessControlId: from.originAccessControlId ?? "",
    OriginPath: from.originPath ?? "",
    // CloudFront takes an S3 origin only with this, empty or not.
    S3OriginConfig: custom ? undefined : { OriginAccessIdentity: s3OriginConfig?.originAccessIdentity ?? "" },
  };
}

export function fromOrigin(found: Origin): OriginValues {
  const { CustomOriginConfig: custom, S3OriginConfig } = found;
  const headers = found.CustomHeaders?.Items;
  return {
    connectionAttempts: found.ConnectionAttempts ?? 3,
    connectionTimeout: found.ConnectionTimeout ?? 10,
    customHeaders: headers?.map(({ HeaderName = "", HeaderValue = "" }) => ({
      name: HeaderName,
      value: HeaderValue,
    })),
    customOriginConfig: custom && {
      httpPort: custom.HTTPPort ?? 80,
      httpsPort: custom.HTTPSPort ?? 443,
      originKeepaliveTimeout: custom.OriginKeepaliveTimeout ?? 5,
      originProtocolPolicy: custom.OriginProtocolPolicy ?? "match-viewer",
      originReadTimeout: custom.OriginReadTimeout ?? 30,
      originSslProtocols: custom.OriginSslProtocols?.Items ?? [],
    },
    domainName: found.DomainName ?? "",
    originAccessControlId: found.OriginAccessControlId || undefined,
    originId: found.Id ?? "",
    originPath: found.OriginPath || undefined,
    s3OriginConfig: S3OriginConfig?.OriginAccessIdentity
      ? { originAccessIdentity: S3OriginConfig.OriginAccessIdentity }
      : undefined,
  };
}
