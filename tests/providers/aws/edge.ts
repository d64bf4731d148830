// Sites: distributions, firewall, certificates, names.
import type { Case } from "../support/conformance.ts";
import { BUCKET, newZone, OAC, retagged, seen, tags } from "./parts.ts";

export const edge: Case[] = [
  {
    type: "aws:wafv2/webAcl:WebAcl",
    program: () => ({
      scope: "CLOUDFRONT",
      defaultAction: { allow: {} },
      rules: [
        {
          name: "common",
          priority: 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { name: "AWSManagedRulesCommonRuleSet", vendorName: "AWS" },
          },
          visibilityConfig: seen("common"),
        },
        {
          name: "rate",
          priority: 0,
          action: { block: {} },
          statement: { rateBasedStatement: { limit: 600, aggregateKeyType: "IP", evaluationWindowSec: 60 } },
          visibilityConfig: seen("rate"),
        },
      ],
      visibilityConfig: seen("site"),
      tags,
    }),
    update: { defaultAction: { block: {} }, visibilityConfig: seen("other"), ...retagged },
    replace: { name: "another", scope: "REGIONAL" },
  },
  {
    type: "aws:acm/certificate:Certificate",
    program: () => ({ domainName: "www.example.com", validationMethod: "DNS", tags }),
    update: retagged,
    replace: { domainName: "example.com" },
  },
  {
    type: "aws:route53/record:Record",
    program: async () => ({
      zoneId: await newZone(),
      name: "www.example.com",
      type: "A",
      ttl: 60,
      records: ["192.0.2.1"],
    }),
    update: { ttl: 300, records: ["192.0.2.1", "192.0.2.2"] },
    replace: { zoneId: "Z00000000000000000000", name: "other.example.com", type: "TXT" },
  },
  {
    type: "aws:route53/record:Record",
    name: "alias",
    program: async () => ({
      zoneId: await newZone(),
      name: "_site.example.com",
      type: "AAAA",
      aliases: [
        { name: "d111111abcdef8.cloudfront.net", zoneId: "Z2FDTNDATAQYW2", evaluateTargetHealth: false },
      ],
    }),
    replace: { type: "A" },
  },
  {
    type: "aws:route53/healthCheck:HealthCheck",
    program: () => ({
      type: "HTTPS",
      fqdn: "app.example.com",
      port: 443,
      resourcePath: "/health",
      requestInterval: 30,
      failureThreshold: 3,
      enableSni: true,
      tags,
    }),
    update: { failureThreshold: 5, resourcePath: "/api/health", ...retagged },
    replace: { requestInterval: 10, type: "HTTP" },
  },
  {
    type: OAC,
    program: () => ({
      originAccessControlOriginType: "s3",
      signingBehavior: "always",
      signingProtocol: "sigv4",
    }),
    update: { description: "the site's", signingBehavior: "no-override" },
    replace: {},
  },
  {
    type: "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    program: () => ({
      comment: "safe",
      securityHeadersConfig: {
        strictTransportSecurity: {
          accessControlMaxAgeSec: 31536000,
          includeSubdomains: true,
          override: true,
        },
        contentSecurityPolicy: { contentSecurityPolicy: "default-src 'self'", override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: "DENY", override: true },
        referrerPolicy: { referrerPolicy: "same-origin", override: true },
      },
      customHeadersConfig: { items: [{ header: "X-Team", value: "checkout", override: true }] },
      removeHeadersConfig: { items: [{ header: "Server" }] },
      corsConfig: {
        accessControlAllowCredentials: false,
        accessControlAllowHeaders: { items: ["*"] },
        accessControlAllowMethods: { items: ["GET", "HEAD"] },
        accessControlAllowOrigins: { items: ["https://example.com"] },
        originOverride: true,
      },
    }),
    update: {
      comment: "safer",
      securityHeadersConfig: {
        strictTransportSecurity: { accessControlMaxAgeSec: 63072000, preload: true, override: true },
      },
    },
    replace: {},
  },
  {
    type: "aws:cloudfront/cachePolicy:CachePolicy",
    program: () => ({
      defaultTtl: 60,
      maxTtl: 600,
      parametersInCacheKeyAndForwardedToOrigin: {
        cookiesConfig: { cookieBehavior: "none" },
        headersConfig: { headerBehavior: "whitelist", headers: { items: ["Accept-Language"] } },
        queryStringsConfig: { queryStringBehavior: "all" },
        enableAcceptEncodingGzip: true,
      },
    }),
    update: { comment: "pages", defaultTtl: 120 },
    replace: {},
  },
  {
    type: "aws:cloudfront/function:Function",
    program: () => ({
      code: "function handler(event) { return event.request; }",
      runtime: "cloudfront-js-2.0",
    }),
    update: { code: "function handler(event) { return { statusCode: 404 }; }", comment: "closed" },
    replace: { name: "another" },
  },
  {
    type: "aws:cloudfront/distribution:Distribution",
    program: async (deployment) => {
      const bucket = await deployment.create(BUCKET, "site", { forceDestroy: true });
      const access = await deployment.create(OAC, "site", {
        originAccessControlOriginType: "s3",
        signingBehavior: "always",
        signingProtocol: "sigv4",
      });
      const cache = {
        targetOriginId: "site",
        viewerProtocolPolicy: "redirect-to-https",
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        compress: true,
        cachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
      };
      return {
        comment: "the site",
        enabled: true,
        defaultRootObject: "index.html",
        origins: [
          {
            originId: "site",
            domainName: bucket.outs.bucketRegionalDomainName,
            originAccessControlId: access.id,
          },
        ],
        defaultCacheBehavior: cache,
        orderedCacheBehaviors: [{ ...cache, pathPattern: "/assets/*" }],
        customErrorResponses: [{ errorCode: 404, responseCode: 200, responsePagePath: "/index.html" }],
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: { cloudfrontDefaultCertificate: true },
        priceClass: "PriceClass_100",
        tags,
      };
    },
    update: { comment: "the shop", httpVersion: "http2and3", isIpv6Enabled: true, ...retagged },
    replace: {},
  },
];
