// Controls of Amazon CloudFront.
import { at, type Control, setting, without } from "./control.ts";

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";

export const cloudfront: Control[] = [
  {
    id: "CloudFront.1",
    asks: "a default root object",
    type: DISTRIBUTION,
    met: "`index.html`",
    holds: ({ inputs }) => inputs.defaultRootObject === "index.html",
    breaks: [setting(["defaultRootObject"], undefined), setting(["defaultRootObject"], "")],
  },
  {
    id: "CloudFront.3",
    asks: "encryption in transit",
    type: DISTRIBUTION,
    met: "plain HTTP is sent to https",
    holds: ({ inputs }) =>
      at(inputs, ["defaultCacheBehavior", "viewerProtocolPolicy"]) === "redirect-to-https",
    breaks: [setting(["defaultCacheBehavior", "viewerProtocolPolicy"], "allow-all")],
  },
  {
    id: "CloudFront.4",
    asks: "origin failover",
    type: DISTRIBUTION,
    waived:
      "the origin is a bucket, which S3 itself keeps in three zones; a site can be uploaded anew from its release",
  },
  {
    id: "CloudFront.5",
    asks: "access logs",
    type: DISTRIBUTION,
    met: "access logs go to the stack's log bucket, where `greenlight:logs` is set",
    holds: ({ inputs }) => typeof at(inputs, ["loggingConfig", "bucket"]) === "string",
    breaks: [setting(["loggingConfig"], undefined)],
  },
  {
    id: "CloudFront.6",
    asks: "a web application firewall",
    type: DISTRIBUTION,
    met: "every distribution has the stack's web ACL",
    holds: ({ inputs }) => typeof inputs.webAclId === "string" && inputs.webAclId !== "",
    breaks: [setting(["webAclId"], undefined), setting(["webAclId"], "")],
  },
  {
    id: "CloudFront.7",
    asks: "an own certificate",
    type: DISTRIBUTION,
    met: "where `greenlight:site.domains` is set, the given certificate or one made and validated in the zone",
    holds: ({ inputs }) => typeof at(inputs, ["viewerCertificate", "acmCertificateArn"]) === "string",
    breaks: [
      setting(["viewerCertificate", "acmCertificateArn"], undefined),
      setting(["viewerCertificate"], { cloudfrontDefaultCertificate: true }),
    ],
  },
  {
    id: "CloudFront.8",
    asks: "SNI",
    type: DISTRIBUTION,
    met: "`sni-only`",
    holds: ({ inputs }) => at(inputs, ["viewerCertificate", "sslSupportMethod"]) === "sni-only",
    breaks: [setting(["viewerCertificate", "sslSupportMethod"], "vip")],
  },
  {
    id: "CloudFront.9, CloudFront.10",
    asks: "TLS to custom origins, without old protocols",
    type: DISTRIBUTION,
    met: "there is no custom origin: only the bucket, which CloudFront asks over TLS",
    holds: ({ inputs }) =>
      Array.isArray(inputs.origins) &&
      inputs.origins.every((origin) => at(origin, ["customOriginConfig"]) === undefined),
    breaks: [setting(["origins", 0, "customOriginConfig"], { originProtocolPolicy: "http-only" })],
  },
  {
    id: "CloudFront.12",
    asks: "no origin that does not exist",
    type: DISTRIBUTION,
    met: "the origin is a bucket of the same stack",
    holds: ({ inputs }, estate) =>
      estate.some(
        ({ type, name }) =>
          type === "aws:s3/bucket:Bucket" &&
          String(at(inputs, ["origins", 0, "domainName"])).startsWith(`${name}.s3.`),
      ),
    breaks: [
      setting(["origins", 0, "domainName"], "gone.s3.us-east-1.amazonaws.com"),
      (_resource, estate) => {
        const bucket = estate.find(({ name }) => name.endsWith("-site"));
        for (const one of estate.filter(({ name }) => name === bucket?.name)) without(estate, one);
      },
    ],
  },
  {
    id: "CloudFront.13",
    asks: "origin access control",
    type: DISTRIBUTION,
    met: "the bucket is read with a signature of this distribution only",
    holds: ({ inputs }, estate) =>
      typeof at(inputs, ["origins", 0, "originAccessControlId"]) === "string" &&
      estate.some(
        (one) =>
          one.type === "aws:cloudfront/originAccessControl:OriginAccessControl" &&
          one.inputs.signingBehavior === "always",
      ),
    breaks: [
      setting(["origins", 0, "originAccessControlId"], undefined),
      (_resource, estate) => {
        const control = estate.find(({ type }) => type.includes("originAccessControl"));
        if (control) control.inputs.signingBehavior = "never";
      },
    ],
  },
  {
    id: "CloudFront.15",
    asks: "a recommended TLS policy",
    type: DISTRIBUTION,
    met: "TLSv1.2_2021",
    holds: ({ inputs }) =>
      /^TLSv1\.(2_2021|2_2025|3_2025)$/.test(
        String(at(inputs, ["viewerCertificate", "minimumProtocolVersion"])),
      ),
    breaks: [
      setting(["viewerCertificate", "minimumProtocolVersion"], "TLSv1.2_2019"),
      setting(["viewerCertificate", "minimumProtocolVersion"], undefined),
    ],
  },
  {
    id: "(seeds)",
    asks: "security headers on every answer",
    type: HEADERS,
    met: "HSTS of a year with subdomains, a content security policy, no sniffing, no frames, a short referrer",
    holds: ({ inputs }) => {
      const headers = at(inputs, ["securityHeadersConfig"]);
      return (
        at(headers, ["strictTransportSecurity", "accessControlMaxAgeSec"]) === 31_536_000 &&
        at(headers, ["strictTransportSecurity", "includeSubdomains"]) === true &&
        typeof at(headers, ["contentSecurityPolicy", "contentSecurityPolicy"]) === "string" &&
        at(headers, ["contentTypeOptions", "override"]) === true &&
        at(headers, ["frameOptions", "frameOption"]) === "DENY" &&
        typeof at(headers, ["referrerPolicy", "referrerPolicy"]) === "string"
      );
    },
    breaks: [
      setting(["securityHeadersConfig", "strictTransportSecurity", "accessControlMaxAgeSec"], 300),
      setting(["securityHeadersConfig", "strictTransportSecurity", "includeSubdomains"], false),
      setting(["securityHeadersConfig", "contentSecurityPolicy"], undefined),
      setting(["securityHeadersConfig", "contentTypeOptions"], undefined),
      setting(["securityHeadersConfig", "frameOptions", "frameOption"], "SAMEORIGIN"),
      setting(["securityHeadersConfig", "referrerPolicy"], undefined),
    ],
  },
];
