// A static site: a private bucket that only CloudFront reads, TLS 1.2 and newer, security headers on every answer.
// The files come from the site step.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Domain } from "./domain.ts";
import { Firewall, type FirewallArgs } from "./firewall.ts";
import { SecureBucket } from "./secure-bucket.ts";

export interface SiteArgs {
  /** Names of the site beside CloudFront's own; need a certificate or a zone. @default none */
  domains?: string[];
  /** The certificate for `domains`, in us-east-1. @default one is made in the zone */
  certificateArn?: pulumi.Input<string>;
  /** The public hosted zone that gets the records of `domains`. @default records are made elsewhere */
  zoneId?: string;
  /** The firewall before the site; false for none. @default {} */
  firewall?: FirewallArgs | false;
  /** @default everything from the site itself, no frames */
  contentSecurityPolicy?: string;
  /** Answers index.html for paths that are no file. @default false */
  singlePage?: boolean;
  /** @default "PriceClass_All" */
  priceClass?: "PriceClass_100" | "PriceClass_200" | "PriceClass_All";
  /** Bucket for access logs: its name, and its host name for CloudFront. @default no logs */
  accessLogs?: { bucketName: pulumi.Input<string>; domainName: pulumi.Input<string> };
  /** @default false */
  disposable?: boolean;
}

/** Addresses of the edge, each with the headers that a request needs. */
export interface Edge {
  edgeUrl: pulumi.Input<string>;
  edgeHeaders: { [name: string]: pulumi.Input<string> };
  redirectUrl: pulumi.Input<string>;
  redirectHeaders: { [name: string]: pulumi.Input<string> };
}

/** AWS's own policy CachingOptimized: obeys Cache-Control, compresses. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/** AWS's own policy CORS-S3Origin: the bucket gets what it needs to answer for other origins, and no cookie or query. */
const TO_BUCKET = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf";
const DEFAULT_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'";
const YEAR_SECONDS = 31_536_000;
/** For 404 alone: a 403 is also how the firewall refuses, which must not look like a page that was served. */
const INDEX_INSTEAD = {
  errorCode: 404,
  responseCode: 200,
  responsePagePath: "/index.html",
  errorCachingMinTtl: 10,
};

/** Bucket and distribution. */
export class Site extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly distributionId: pulumi.Output<string>;
  /** CloudFront's own name, e.g. `d111111abcdef8.cloudfront.net`. */
  readonly domainName: pulumi.Output<string>;
  /** `https://` and the first of `domains`, or CloudFront's own name. */
  readonly url: pulumi.Output<string>;
  /** Headers of every answer, by lower-case name. */
  readonly headers: { [name: string]: string };

  constructor(name: string, args: SiteArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Site", name, {}, opts);
    const parent = { parent: this };
    const contentSecurityPolicy = args.contentSecurityPolicy ?? DEFAULT_POLICY;
    // The bucket's policy names the distribution, which names the bucket.
    const [distributionArn, setDistributionArn] = pulumi.deferredOutput<string>();
    const bucket = new SecureBucket(
      `${name}-site`,
      {
        accessLogBucket: args.accessLogs?.bucketName,
        policyStatements: (bucketArn) =>
          pulumi
            .all([bucketArn, distributionArn])
            .apply(([arn, distribution]) => readByCloudFront(arn, distribution, args.singlePage ?? false)),
        disposable: args.disposable,
      },
      parent,
    );
    const access = new aws.cloudfront.OriginAccessControl(
      `${name}-site`,
      { originAccessControlOriginType: "s3", signingBehavior: "always", signingProtocol: "sigv4" },
      parent,
    );
    const headers = new aws.cloudfront.ResponseHeadersPolicy(
      `${name}-site`,
      { securityHeadersConfig: securityHeaders(contentSecurityPolicy) },
      parent,
    );
    const { domains = [], zoneId } = args;
    const domain =
      zoneId !== undefined && domains.length > 0
        ? new Domain(name, { domains, zoneId, certificateArn: args.certificateArn }, parent)
        : undefined;
    const firewall = args.firewall === false ? undefined : new Firewall(name, args.firewall, parent);
    const distribution = new aws.cloudfront.Distribution(
      `${name}-site`,
      {
        enabled: true,
        comment: `Site of ${name}`,
        aliases: domains,
        webAclId: firewall?.webAclArn,
        httpVersion: "http2and3",
        isIpv6Enabled: true,
        priceClass: args.priceClass ?? "PriceClass_All",
        defaultRootObject: "index.html",
        origins: [
          {
            originId: "bucket",
            domainName: bucket.regionalDomainName,
            originAccessControlId: access.id,
          },
        ],
        defaultCacheBehavior: {
          targetOriginId: "bucket",
          viewerProtocolPolicy: "redirect-to-https",
          allowedMethods: ["GET", "HEAD", "OPTIONS"],
          cachedMethods: ["GET", "HEAD"],
          compress: true,
          cachePolicyId: CACHING_OPTIMIZED,
          originRequestPolicyId: TO_BUCKET,
          responseHeadersPolicyId: headers.id,
        },
        customErrorResponses: args.singlePage ? [INDEX_INSTEAD] : [],
        restrictions: { geoRestriction: { restrictionType: "none" } },
        viewerCertificate: certificate(args.certificateArn ?? domain?.certificateArn),
        loggingConfig: args.accessLogs && {
          bucket: args.accessLogs.domainName,
          prefix: "site/",
          includeCookies: false,
        },
      },
      parent,
    );
    domain?.pointTo(distribution);
    setDistributionArn(distribution.arn);
    this.bucketName = bucket.bucketName;
    this.distributionId = distribution.id;
    this.domainName = distribution.domainName;
    this.headers = headersOf(contentSecurityPolicy);
    this.url = pulumi.interpolate`https://${domains[0] ?? distribution.domainName}`;
    this.registerOutputs({ url: this.url, distributionId: this.distributionId });
  }

  /**
   * Where the site is asked for its files and for its redirect from plain HTTP.
   * @param address instead of the site's own name, which is then sent as Host
   */
  edge(address?: string): Edge {
    if (address === undefined)
      return {
        edgeUrl: this.url,
        edgeHeaders: {},
        redirectUrl: this.url.apply((url) => url.replace(/^https:/, "http:")),
        redirectHeaders: {},
      };
    const host = this.url.apply((url) => new URL(url).host);
    return {
      edgeUrl: address,
      edgeHeaders: { host, "x-forwarded-proto": "https" },
      redirectUrl: address,
      redirectHeaders: { host },
    };
  }
}

/** @param lists whether it may know that a file is missing: without, S3 answers 403 for one */
function readByCloudFront(
  bucketArn: string,
  distributionArn: string,
  lists: boolean,
): aws.iam.PolicyStatement[] {
  const allowed = {
    Effect: "Allow",
    Principal: { Service: "cloudfront.amazonaws.com" },
    Condition: { StringEquals: { "aws:SourceArn": distributionArn } },
  } as const;
  const read = { Sid: "ReadByCloudFront", ...allowed, Action: "s3:GetObject", Resource: `${bucketArn}/*` };
  if (!lists) return [read];
  return [read, { Sid: "MissingToldToCloudFront", ...allowed, Action: "s3:ListBucket", Resource: bucketArn }];
}

function securityHeaders(
  contentSecurityPolicy: string,
): aws.types.input.cloudfront.ResponseHeadersPolicySecurityHeadersConfig {
  return {
    strictTransportSecurity: {
      accessControlMaxAgeSec: YEAR_SECONDS,
      includeSubdomains: true,
      preload: false,
      override: true,
    },
    contentSecurityPolicy: { contentSecurityPolicy, override: true },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: "DENY", override: true },
    referrerPolicy: { referrerPolicy: "strict-origin-when-cross-origin", override: true },
  };
}

function certificate(
  certificateArn: pulumi.Input<string> | undefined,
): aws.types.input.cloudfront.DistributionViewerCertificate {
  // With CloudFront's own name AWS fixes the protocol itself.
  if (certificateArn === undefined) return { cloudfrontDefaultCertificate: true };
  return {
    acmCertificateArn: certificateArn,
    sslSupportMethod: "sni-only",
    minimumProtocolVersion: "TLSv1.2_2021",
  };
}

/** The same as they are sent. */
function headersOf(contentSecurityPolicy: string): { [name: string]: string } {
  return {
    "strict-transport-security": `max-age=${YEAR_SECONDS}; includeSubDomains`,
    "content-security-policy": contentSecurityPolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
  };
}
