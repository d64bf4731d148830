// What the conformance of several services of AWS needs: names of types, policies, and resources to build on.
import { randomUUID } from "node:crypto";
import { Route53 } from "@aws-sdk/client-route-53";
import { type Deployment, environment } from "../support/providers.ts";

export const BUCKET = "aws:s3/bucket:Bucket";
export const KEY = "aws:kms/key:Key";
export const TOPIC = "aws:sns/topic:Topic";
export const VPC = "aws:ec2/vpc:Vpc";
export const SUBNET = "aws:ec2/subnet:Subnet";
export const GROUP = "aws:ec2/securityGroup:SecurityGroup";
export const QUEUE = "aws:sqs/queue:Queue";
export const ROLE = "aws:iam/role:Role";
export const USER = "aws:iam/user:User";
export const SECRET = "aws:secretsmanager/secret:Secret";
export const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
export const OAC = "aws:cloudfront/originAccessControl:OriginAccessControl";

export const tags = { team: "checkout" };
export const retagged = { tags: { team: "payments", stage: "production" } };
export const versionless = { Version: "2012-10-17" };
export const deny = (resource: unknown, action: string) => ({
  ...versionless,
  Statement: [
    {
      Sid: "TlsOnly",
      Effect: "Deny",
      Principal: "*",
      Action: action,
      Resource: resource,
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ],
});
export const allow = (action: string) => ({
  ...versionless,
  Statement: [{ Effect: "Allow", Action: action, Resource: "*" }],
});
export const trust = (service: string) => ({
  ...versionless,
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
});

export const seen = (metricName: string) => ({
  metricName,
  cloudwatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
});

export const bucketOf = async (deployment: Deployment, inputs = {}) =>
  (await deployment.create(BUCKET, "logs", { forceDestroy: true, ...inputs })).id;
export const keyOf = async (deployment: Deployment) =>
  (await deployment.create(KEY, "key", { deletionWindowInDays: 7 })).outs;

/** A hosted zone of the run's emulator; no resource type of ours, since stacks are given theirs. */
export async function newZone(): Promise<string> {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = await environment();
  const route53 = new Route53({
    endpoint: AWS_ENDPOINT_URL,
    region: "us-east-1",
    credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
  });
  const CallerReference = randomUUID();
  const { HostedZone } = await route53.createHostedZone({ Name: "example.com", CallerReference });
  return (HostedZone?.Id ?? "").replace("/hostedzone/", "");
}

export async function network(deployment: Deployment) {
  const vpc = await deployment.create(VPC, "network", { cidrBlock: "10.9.0.0/16" });
  const subnet = (cidrBlock: string, zone: string) =>
    deployment.create(SUBNET, `private-${zone}`, {
      vpcId: vpc.id,
      cidrBlock,
      availabilityZone: `us-east-1${zone}`,
    });
  const subnets = [await subnet("10.9.1.0/24", "a"), await subnet("10.9.2.0/24", "b")];
  return { vpcId: vpc.id, subnetIds: subnets.map(({ id }) => id) };
}
