// The aws provider's data sources.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsProvider } from "../../local/providers/aws/definition.ts";
import { invokes } from "../../local/providers/aws/invokes.ts";
import { configured, type Deployed, Deployment } from "./support/providers.ts";

const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", AWS_REGION: "eu-west-1" };

describe("on the emulator", () => {
  let deployment: Deployment;
  let vpc: Deployed;

  beforeAll(async () => {
    deployment = new Deployment(await configured("aws"));
    const tags = { purpose: "invokes" };
    vpc = await deployment.create("aws:ec2/vpc:Vpc", "asked", { cidrBlock: "10.6.0.0/16", tags });
  });

  afterAll(async () => {
    await deployment.remove();
    await deployment.provider.cancel();
  });

  const ask = (token: string, args = {}) => deployment.provider.invoke(token, args);

  it("getVpc finds the one that matches, with the outputs of the resource", async () => {
    const { outputs } = await ask("aws:ec2/getVpc:getVpc", { tags: { purpose: "invokes" } });
    const { mainRouteTableId, arn, ownerId } = vpc.outs;
    expect(outputs).toMatchObject({
      id: vpc.id,
      cidrBlock: "10.6.0.0/16",
      default: false,
      state: "available",
    });
    expect(outputs).toMatchObject({ mainRouteTableId, arn, ownerId });
  });

  it("getVpc refuses to choose", async () => {
    await expect(ask("aws:ec2/getVpc:getVpc", { tags: { purpose: "nothing" } })).rejects.toThrow(
      "aws:ec2/getVpc:getVpc: 0 VPCs match, want exactly one; narrow the filters",
    );
    await expect(ask("aws:ec2/getVpc:getVpc")).rejects.toThrow("VPCs match, want exactly one");
  });

  it("getSubnets lists those of a VPC", async () => {
    const subnet = await deployment.create("aws:ec2/subnet:Subnet", "a", {
      vpcId: vpc.id,
      cidrBlock: "10.6.1.0/24",
    });
    const filters = [{ name: "vpc-id", values: [vpc.id] }];
    expect((await ask("aws:ec2/getSubnets:getSubnets", { filters })).outputs).toMatchObject({
      ids: [subnet.id],
    });
  });

  it("getAvailabilityZones lists names in order, without the excluded", async () => {
    const token = "aws:index/getAvailabilityZones:getAvailabilityZones";
    const { outputs } = await ask(token, { state: "available", excludeNames: ["us-east-1a"] });
    expect(outputs.names).toContain("us-east-1b");
    expect(outputs.names).not.toContain("us-east-1a");
    expect(outputs.names).toEqual(outputs.names.toSorted());
  });

  it("getCallerIdentity tells the account", async () => {
    const { outputs } = await ask("aws:index/getCallerIdentity:getCallerIdentity");
    expect(outputs).toMatchObject({ accountId: expect.stringMatching(/^\d{12}$/), id: outputs.accountId });
  });

  it("an unsupported argument is refused by name", async () => {
    const { failures } = await ask("aws:ec2/getSubnets:getSubnets", { colour: "red" });
    expect(failures?.[0]?.reason).toContain('property "colour" is not supported by the local provider');
  });
});

describe("without an endpoint", () => {
  const pure = ["getPartition", "getRegion", "getPolicyDocument"];

  it.each(Object.keys(invokes))("%s answers, or says that it cannot know", async (token) => {
    const provider = awsProvider(credentials);
    await provider.configure({});
    const { unknown = false } = await provider.invoke(token, {});
    expect(unknown).toBe(!pure.some((name) => token.endsWith(name)));
  });
});

describe("aws.iam.getPolicyDocument", () => {
  it("writes statements as policy JSON without any call", async () => {
    const provider = awsProvider(credentials);
    await provider.configure({});
    const answer = await provider.invoke("aws:iam/getPolicyDocument:getPolicyDocument", {
      statements: [
        {
          sid: "Read",
          actions: ["s3:GetObject"],
          resources: ["arn:aws:s3:::b/*"],
          principals: [
            { type: "Service", identifiers: ["cloudfront.amazonaws.com"] },
            { type: "AWS", identifiers: ["arn:aws:iam::1:root"] },
            { type: "AWS", identifiers: ["arn:aws:iam::2:root"] },
          ],
          conditions: [{ test: "StringEquals", variable: "aws:SourceArn", values: ["arn"] }],
        },
      ],
    });
    expect(JSON.parse(answer.outputs.json)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Read",
          Effect: "Allow",
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::b/*",
          Principal: {
            Service: "cloudfront.amazonaws.com",
            AWS: ["arn:aws:iam::2:root", "arn:aws:iam::1:root"],
          },
          Condition: { StringEquals: { "aws:SourceArn": "arn" } },
        },
      ],
    });
  });
});
