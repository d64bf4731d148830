import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { AccessLogs } from "../../infra/access-logs.ts";
import { Site } from "../../infra/site.ts";
import { inputsOf, made, plain, policyOf, recordResources, registered } from "./support/mocks.ts";

const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";

beforeEach(recordResources);

describe("Site", () => {
  it("is read by its own distribution only", async () => {
    await made(new Site("orders"));
    expect(policyOf(inputsOf("aws:s3/bucketPolicy:BucketPolicy"))[1]).toEqual({
      Sid: "ReadByCloudFront",
      Effect: "Allow",
      Principal: { Service: "cloudfront.amazonaws.com" },
      Action: "s3:GetObject",
      Resource: "arn:aws:s3:us-east-1:123456789012:orders-site/*",
      Condition: {
        StringEquals: { "aws:SourceArn": "arn:aws:cloudfront:us-east-1:123456789012:orders-site" },
      },
    });
    expect(inputsOf("aws:cloudfront/originAccessControl:OriginAccessControl")).toMatchObject({
      signingBehavior: "always",
      signingProtocol: "sigv4",
    });
    expect(inputsOf(DISTRIBUTION)).toMatchObject({
      origins: [
        {
          domainName: "orders-site.s3.us-east-1.amazonaws.com",
          originAccessControlId: "orders-site-id",
        },
      ],
    });
  });

  it("waits until the bucket of its access logs takes ACLs, without which CloudFront refuses it", async () => {
    const monitor = pulumi.runtime.getMonitor();
    if (monitor === undefined) throw new Error("no mocks, want those that were just set");
    const waitsFor: string[] = [];
    const { registerResource } = monitor;
    monitor.registerResource = (
      request: { getType(): string; getDependenciesList(): string[] },
      ...rest: unknown[]
    ) => {
      if (request.getType() === DISTRIBUTION) waitsFor.push(...request.getDependenciesList());
      return Reflect.apply(registerResource, monitor, [request, ...rest]);
    };
    await made(new Site("orders", { accessLogs: new AccessLogs("orders", { accountId: "123456789012" }) }));
    expect(waitsFor.map((urn) => urn.split("::").at(-1))).toContain("orders-access-logs-ownership");
  });

  it("sends plain HTTP to https and security headers with every answer", async () => {
    const site = await made(new Site("orders"));
    expect(inputsOf(DISTRIBUTION)).toMatchObject({
      httpVersion: "http2and3",
      defaultCacheBehavior: {
        viewerProtocolPolicy: "redirect-to-https",
        responseHeadersPolicyId: "orders-site-id",
        allowedMethods: ["GET", "HEAD", "OPTIONS"],
      },
    });
    expect(inputsOf("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")).toMatchObject({
      securityHeadersConfig: {
        strictTransportSecurity: {
          accessControlMaxAgeSec: 31_536_000,
          includeSubdomains: true,
          override: true,
        },
        contentSecurityPolicy: {
          contentSecurityPolicy:
            "default-src 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'",
        },
        frameOptions: { frameOption: "DENY" },
        contentTypeOptions: { override: true },
      },
    });
    expect(site.headers["strict-transport-security"]).toBe("max-age=31536000; includeSubDomains");
  });

  it("with domains speaks TLS 1.2 and newer under their certificate", async () => {
    const site = await made(
      new Site("orders", { domains: ["www.example.com"], certificateArn: "arn:certificate" }),
    );
    expect(inputsOf(DISTRIBUTION)).toMatchObject({
      aliases: ["www.example.com"],
      viewerCertificate: {
        acmCertificateArn: "arn:certificate",
        minimumProtocolVersion: "TLSv1.2_2021",
        sslSupportMethod: "sni-only",
      },
    });
    expect(await plain(site.url)).toBe("https://www.example.com");
  });

  it("makes the certificate and all records in the zone that it is given", async () => {
    const domains = ["www.example.com", "panel.example.com"];
    await made(new Site("orders", { domains, zoneId: "Z0123456789" }));
    expect(inputsOf("aws:acm/certificate:Certificate")).toMatchObject({
      region: "us-east-1",
      domainName: "www.example.com",
      subjectAlternativeNames: ["panel.example.com"],
      validationMethod: "DNS",
    });
    const records = registered.filter(({ type }) => type === "aws:route53/record:Record");
    expect(records.map(({ inputs }) => [inputs.zoneId, inputs.name, inputs.type]).sort()).toEqual([
      ["Z0123456789", "_proof.panel.example.com", "CNAME"],
      ["Z0123456789", "_proof.www.example.com", "CNAME"],
      ["Z0123456789", "panel.example.com", "A"],
      ["Z0123456789", "panel.example.com", "AAAA"],
      ["Z0123456789", "www.example.com", "A"],
      ["Z0123456789", "www.example.com", "AAAA"],
    ]);
    expect(inputsOf(DISTRIBUTION)).toMatchObject({
      viewerCertificate: { minimumProtocolVersion: "TLSv1.2_2021", sslSupportMethod: "sni-only" },
    });
  });

  it("proves each name by its own record, in whatever order AWS tells them", async () => {
    const domains = ["panel.example.com", "www.example.com"];
    await made(new Site("orders", { domains, zoneId: "Z0123456789" }));
    for (const domain of domains)
      expect(inputsOf("aws:route53/record:Record", `orders-certificate-${domain}`).name).toBe(
        `_proof.${domain}`,
      );
  });

  it("stands behind a firewall with a limit an address, unless that is switched off", async () => {
    await made(new Site("orders", { firewall: { requestsPerMinute: 60, logDays: 30 } }));
    const acl = inputsOf("aws:wafv2/webAcl:WebAcl");
    expect(acl).toMatchObject({ region: "us-east-1", scope: "CLOUDFRONT", defaultAction: { allow: {} } });
    expect(acl.rules).toMatchObject([
      { action: { block: {} }, statement: { rateBasedStatement: { limit: 60, evaluationWindowSec: 60 } } },
      { overrideAction: { none: {} } },
      { overrideAction: { none: {} } },
      { overrideAction: { none: {} } },
    ]);
    expect(inputsOf(DISTRIBUTION)).toHaveProperty("webAclId");
    expect(inputsOf("aws:cloudwatch/logGroup:LogGroup")).toMatchObject({ name: "aws-waf-logs-orders" });
    await recordResources();
    await made(new Site("orders", { firewall: false }));
    expect(registered.filter(({ type }) => type.startsWith("aws:wafv2"))).toEqual([]);
  });

  it("answers index.html for unknown paths only where that is asked for", async () => {
    await made(new Site("orders"));
    expect(inputsOf(DISTRIBUTION).customErrorResponses).toEqual([]);
    expect(String(inputsOf("aws:s3/bucketPolicy:BucketPolicy").policy)).not.toContain("s3:ListBucket");
    await recordResources();
    await made(new Site("orders", { singlePage: true }));
    // A 403 is the firewall's. S3 answers 404 only to who may list the bucket.
    expect(inputsOf(DISTRIBUTION).customErrorResponses).toMatchObject([
      { errorCode: 404, responseCode: 200, responsePagePath: "/index.html" },
    ]);
    expect(JSON.parse(String(inputsOf("aws:s3/bucketPolicy:BucketPolicy").policy)).Statement).toContainEqual(
      expect.objectContaining({ Effect: "Allow", Action: "s3:ListBucket" }),
    );
  });

  it("is asked by its own name, or elsewhere with its name as Host", async () => {
    const site = await made(new Site("orders"));
    const host = "orders-site.cloudfront.net";
    const own = site.edge();
    expect(await plain(site.url)).toBe(`https://${host}`);
    expect(own.edgeHeaders).toEqual({});
    const elsewhere = site.edge("http://127.0.0.1:4566");
    expect(elsewhere.edgeUrl).toBe("http://127.0.0.1:4566");
    expect(elsewhere.edgeHeaders["x-forwarded-proto"]).toBe("https");
    expect(elsewhere.redirectHeaders).not.toHaveProperty("x-forwarded-proto");
  });
});
