// The configuration of a distribution: its table and its two spellings, Pulumi's and CloudFront's. Origins and cache
// behaviours have files of their own.

import type {
  CustomErrorResponse,
  DistributionConfig,
  HttpVersion,
  MinimumProtocolVersion,
  PriceClass,
  SSLSupportMethod,
} from "@aws-sdk/client-cloudfront";
import { flag, list, number, object, set, text, type ValuesOf } from "../../schema.ts";
import { tagged } from "../common.ts";
import { behaviorFields, fromBehavior, toBehavior } from "./cache-behavior.ts";
import { counted } from "./etag.ts";
import { fromOrigin, origin, toOrigin } from "./origin.ts";

const HTTP_VERSIONS = ["http1.1", "http2", "http2and3", "http3"] as const satisfies HttpVersion[];
const PRICE_CLASSES = ["PriceClass_100", "PriceClass_200", "PriceClass_All"] as const satisfies PriceClass[];
const PROTOCOLS = [
  "TLSv1",
  "TLSv1_2016",
  "TLSv1.1_2016",
  "TLSv1.2_2018",
  "TLSv1.2_2019",
  "TLSv1.2_2021",
  "TLSv1.2_2025",
  "TLSv1.3_2025",
] as const satisfies MinimumProtocolVersion[];
const SSL_METHODS = ["sni-only", "vip", "static-ip"] as const satisfies SSLSupportMethod[];
const GEO_RESTRICTIONS = ["none", "whitelist", "blacklist"] as const;

export const distributionInputs = {
  aliases: set(text()),
  comment: text(),
  customErrorResponses: set(
    object({
      errorCachingMinTtl: number({ minimum: 0 }),
      errorCode: number({ required: true, minimum: 400, maximum: 599 }),
      responseCode: number(),
      responsePagePath: text(),
    }),
  ),
  defaultCacheBehavior: object(behaviorFields, { required: true }),
  defaultRootObject: text(),
  enabled: flag({ required: true }),
  httpVersion: text({ default: "http2", oneOf: HTTP_VERSIONS }),
  isIpv6Enabled: flag({ default: false }),
  loggingConfig: object({ bucket: text(), includeCookies: flag({ default: false }), prefix: text() }),
  orderedCacheBehaviors: list(object({ ...behaviorFields, pathPattern: text({ required: true }) })),
  origins: set(origin, { required: true }),
  priceClass: text({ default: "PriceClass_All", oneOf: PRICE_CLASSES }),
  restrictions: object(
    {
      geoRestriction: object(
        { locations: set(text()), restrictionType: text({ required: true, oneOf: GEO_RESTRICTIONS }) },
        { required: true },
      ),
    },
    { required: true },
  ),
  retainOnDelete: flag({ default: false, kept: true }),
  viewerCertificate: object(
    {
      acmCertificateArn: text(),
      cloudfrontDefaultCertificate: flag(),
      iamCertificateId: text(),
      minimumProtocolVersion: text({ computed: true, oneOf: PROTOCOLS }),
      sslSupportMethod: text({ computed: true, oneOf: SSL_METHODS }),
    },
    { required: true },
  ),
  waitForDeployment: flag({ default: true, kept: true }),
  webAclId: text(),
  ...tagged,
} as const;

type Distribution = ValuesOf<typeof distributionInputs>;

export function toConfig(from: Distribution, CallerReference: string): DistributionConfig {
  const { loggingConfig: logging, restrictions, viewerCertificate: certificate } = from;
  return {
    CallerReference,
    Aliases: counted(from.aliases),
    Comment: from.comment ?? "",
    CustomErrorResponses: counted(from.customErrorResponses?.map(toErrorResponse)),
    DefaultCacheBehavior: toBehavior(from.defaultCacheBehavior),
    DefaultRootObject: from.defaultRootObject ?? "",
    Enabled: from.enabled,
    HttpVersion: from.httpVersion,
    IsIPV6Enabled: from.isIpv6Enabled,
    Logging: {
      Enabled: logging?.bucket !== undefined,
      Bucket: logging?.bucket ?? "",
      IncludeCookies: logging?.includeCookies ?? false,
      Prefix: logging?.prefix ?? "",
    },
    CacheBehaviors: counted(
      from.orderedCacheBehaviors?.map((behavior) => ({
        ...toBehavior(behavior),
        PathPattern: behavior.pathPattern,
      })),
    ),
    Origins: counted(from.origins.map(toOrigin)),
    PriceClass: from.priceClass,
    Restrictions: {
      GeoRestriction: {
        RestrictionType: restrictions.geoRestriction.restrictionType,
        ...counted(restrictions.geoRestriction.locations),
      },
    },
    ViewerCertificate: {
      ACMCertificateArn: certificate.acmCertificateArn,
      CloudFrontDefaultCertificate: certificate.cloudfrontDefaultCertificate ?? false,
      IAMCertificateId: certificate.iamCertificateId,
      MinimumProtocolVersion: certificate.minimumProtocolVersion,
      SSLSupportMethod: certificate.sslSupportMethod,
    },
    WebACLId: from.webAclId ?? "",
  };
}

type ErrorResponse = NonNullable<Distribution["customErrorResponses"]>[number];

/** CloudFront wants the response code as text, and both page and code or neither. */
function toErrorResponse(from: ErrorResponse): CustomErrorResponse {
  return {
    ErrorCachingMinTTL: from.errorCachingMinTtl,
    ErrorCode: from.errorCode,
    ResponseCode: from.responseCode === undefined ? "" : String(from.responseCode),
    ResponsePagePath: from.responsePagePath ?? "",
  };
}

export function fromConfig(found: DistributionConfig): Partial<Distribution> {
  const { Logging, ViewerCertificate: certificate, Restrictions, DefaultCacheBehavior } = found;
  return {
    aliases: found.Aliases?.Items,
    comment: found.Comment || undefined,
    customErrorResponses: found.CustomErrorResponses?.Items?.map((response) => ({
      errorCachingMinTtl: response.ErrorCachingMinTTL,
      errorCode: response.ErrorCode ?? 0,
      responseCode: response.ResponseCode ? Number(response.ResponseCode) : undefined,
      responsePagePath: response.ResponsePagePath || undefined,
    })),
    defaultCacheBehavior: DefaultCacheBehavior && fromBehavior(DefaultCacheBehavior),
    defaultRootObject: found.DefaultRootObject || undefined,
    enabled: found.Enabled,
    httpVersion: HTTP_VERSIONS.find((version) => version === found.HttpVersion?.toLowerCase()),
    isIpv6Enabled: found.IsIPV6Enabled,
    loggingConfig: Logging?.Bucket
      ? {
          bucket: Logging.Bucket,
          includeCookies: Logging.IncludeCookies ?? false,
          prefix: Logging.Prefix || undefined,
        }
      : undefined,
    orderedCacheBehaviors: found.CacheBehaviors?.Items?.map((behavior) => ({
      ...fromBehavior(behavior),
      pathPattern: behavior.PathPattern ?? "",
    })),
    origins: found.Origins?.Items?.map(fromOrigin),
    priceClass: PRICE_CLASSES.find((priceClass) => priceClass === found.PriceClass),
    restrictions: {
      geoRestriction: {
        locations: Restrictions?.GeoRestriction?.Items,
        restrictionType: Restrictions?.GeoRestriction?.RestrictionType ?? "none",
      },
    },
    viewerCertificate: {
      acmCertificateArn: certificate?.ACMCertificateArn,
      cloudfrontDefaultCertificate: certificate?.CloudFrontDefaultCertificate,
      iamCertificateId: certificate?.IAMCertificateId,
      minimumProtocolVersion: PROTOCOLS.find((version) => version === certificate?.MinimumProtocolVersion),
      sslSupportMethod: certificate?.SSLSupportMethod,
    },
    webAclId: found.WebACLId || undefined,
  };
}
