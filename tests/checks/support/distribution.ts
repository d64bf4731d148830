// A private bucket behind a distribution of the AWS emulator, with security headers, as a stack would have it.
import {
  CloudFrontClient,
  CreateDistributionCommand,
  CreateOriginAccessControlCommand,
  CreateResponseHeadersPolicyCommand,
} from "@aws-sdk/client-cloudfront";
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  S3Client,
} from "@aws-sdk/client-s3";

export interface TestSite {
  bucket: string;
  distributionId: string;
  edgeUrl: string;
  /** Host name of the distribution, and https as CloudFront's own TLS end would say. */
  edgeHeaders: { [name: string]: string };
  redirectHeaders: { [name: string]: string };
}

/** @param bucket a name of the test's own */
export async function createTestSite(bucket: string): Promise<TestSite> {
  const s3 = new S3Client({});
  const cloudfront = new CloudFrontClient({});
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: "Enabled" } }),
  );
  const access = await cloudfront.send(
    new CreateOriginAccessControlCommand({
      OriginAccessControlConfig: {
        Name: bucket,
        SigningProtocol: "sigv4",
        SigningBehavior: "always",
        OriginAccessControlOriginType: "s3",
      },
    }),
  );
  const headers = await cloudfront.send(
    new CreateResponseHeadersPolicyCommand({
      ResponseHeadersPolicyConfig: {
        Name: bucket,
        SecurityHeadersConfig: {
          StrictTransportSecurity: {
            Override: true,
            AccessControlMaxAgeSec: 31_536_000,
            IncludeSubdomains: true,
          },
        },
      },
    }),
  );
  const { Distribution } = await cloudfront.send(
    new CreateDistributionCommand({
      DistributionConfig: {
        CallerReference: bucket,
        Comment: bucket,
        Enabled: true,
        DefaultRootObject: "index.html",
        Origins: {
          Quantity: 1,
          Items: [
            {
              Id: "bucket",
              DomainName: `${bucket}.s3.us-east-1.amazonaws.com`,
              OriginAccessControlId: access.OriginAccessControl?.Id,
              S3OriginConfig: { OriginAccessIdentity: "" },
            },
          ],
        },
        DefaultCacheBehavior: {
          TargetOriginId: "bucket",
          ViewerProtocolPolicy: "redirect-to-https",
          CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
          ResponseHeadersPolicyId: headers.ResponseHeadersPolicy?.Id,
        },
      },
    }),
  );
  await s3.send(
    new PutBucketPolicyCommand({ Bucket: bucket, Policy: readByDistribution(bucket, Distribution?.ARN) }),
  );
  const host = Distribution?.DomainName ?? "";
  return {
    bucket,
    distributionId: Distribution?.Id ?? "",
    edgeUrl: process.env.AWS_ENDPOINT_URL ?? "",
    edgeHeaders: { host, "x-forwarded-proto": "https" },
    redirectHeaders: { host },
  };
}

function readByDistribution(bucket: string, arn: string | undefined): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${bucket}/*`,
        Condition: { StringEquals: { "aws:SourceArn": arn } },
      },
    ],
  });
}
