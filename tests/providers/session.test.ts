// The aws provider and this machine's border: nothing reaches beyond it, and a preview needs no service at all.

import { describe, expect, it } from "vitest";
import { awsProvider } from "../../local/providers/aws/definition.ts";
import { isLoopback } from "../../local/providers/loopback.ts";
import { configured, Deployment, environment, urnOf } from "./support/providers.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const OUTSIDE = "the embedded engine changes nothing outside this machine; use the Pulumi CLI";
const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", AWS_REGION: "eu-west-1" };

describe("an address", () => {
  it.each([
    "127.0.0.1",
    "127.8.9.10",
    "localhost",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "/run/postgresql",
  ])("%s is on this machine", (host) => expect(isLoopback(host)).toBe(true));

  it.each([
    "10.0.0.1",
    "example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "0.0.0.0",
    "::",
    "2001:db8::1",
    "",
  ])("%s is elsewhere", (host) => expect(isLoopback(host)).toBe(false));
});

describe("an endpoint", () => {
  it.each([
    "https://s3.amazonaws.com",
    "http://10.0.0.7:4566",
    "http://127.0.0.1.nip.io:80",
  ])("of %s is refused before any call", async (AWS_ENDPOINT_URL) => {
    const provider = awsProvider({ ...credentials, AWS_ENDPOINT_URL });
    const host = new URL(AWS_ENDPOINT_URL).hostname;
    await expect(provider.configure({})).rejects.toThrow(
      `provider "aws": endpoint is ${host}, want loopback; ${OUTSIDE}`,
    );
  });

  it("that is no address at all is refused too", async () => {
    const provider = awsProvider({ ...credentials, AWS_ENDPOINT_URL: "emulator" });
    await expect(provider.configure({})).rejects.toThrow("AWS_ENDPOINT_URL is not a URL");
  });
});

describe("an endpoint of this machine", () => {
  it("is used whatever the environment says of single services", async () => {
    const before = process.env.AWS_ENDPOINT_URL_KMS;
    process.env.AWS_ENDPOINT_URL_KMS = "https://kms.us-east-1.amazonaws.com";
    try {
      const deployment = new Deployment(await configured("aws"));
      const key = await deployment.create("aws:kms/key:Key", "here", {});
      expect(key.outs.keyId).toBe(key.id);
      await deployment.remove();
      await deployment.provider.cancel();
    } finally {
      if (before === undefined) delete process.env.AWS_ENDPOINT_URL_KMS;
      else process.env.AWS_ENDPOINT_URL_KMS = before;
    }
  });
});

describe("an emulator that is not running", () => {
  it("is named with the way to start it", async () => {
    const provider = awsProvider({ ...credentials, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    await provider.configure({});
    await expect(provider.read("b", urnOf(BUCKET, "b"), {})).rejects.toThrow(
      `${BUCKET} "b": ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1; start the services with: npx greenlight local start`,
    );
    await provider.cancel();
  });
});

describe("without an endpoint", () => {
  const offline = async () => {
    const provider = awsProvider(credentials);
    await provider.configure({});
    return provider;
  };

  it("check and diff work, so that a production stack can be previewed", async () => {
    const provider = await offline();
    const urn = urnOf(BUCKET, "backups");
    const { inputs, failures } = await provider.check(urn, {}, { tags: { a: "b" } });
    expect(failures).toEqual([]);
    expect(await provider.diff("b", urn, { ...inputs, tags: {} }, inputs)).toMatchObject({ diffs: ["tags"] });
  });

  it("create, read, update and delete are refused", async () => {
    const provider = await offline();
    const urn = urnOf(BUCKET, "backups");
    const refused = `AWS_ENDPOINT_URL is not set, want this machine's AWS emulator; ${OUTSIDE}`;
    await expect(provider.create(urn, { bucket: "b" })).rejects.toThrow(refused);
    await expect(provider.read("b", urn, {})).rejects.toThrow(refused);
    await expect(provider.update("b", urn, {}, { bucket: "b" })).rejects.toThrow(refused);
    await expect(provider.delete("b", urn, {})).rejects.toThrow(refused);
  });

  it("who is calling is not known, and where is", async () => {
    const provider = await offline();
    expect(await provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})).toEqual({
      outputs: {},
      unknown: true,
    });
    expect(await provider.invoke("aws:index/getRegion:getRegion", {})).toMatchObject({
      outputs: { region: "eu-west-1", id: "eu-west-1" },
    });
  });
});

describe("configuration", () => {
  it.each([
    [
      { profile: "production" },
      'pulumi:providers:aws: property "profile" is not supported by the local provider',
    ],
    [{ defaultTags: { tags: 1 } }, "must be an object of text values"],
  ])("of %o is refused", async (config, reason) => {
    const { failures } = await awsProvider(credentials).checkConfig("urn", {}, config);
    expect(failures?.[0]?.reason).toContain(reason);
  });

  it("may carry the engine's own version and JSON as text", async () => {
    const provider = awsProvider(credentials);
    await provider.configure({ version: "7.0.0", defaultTags: '{"tags":{"team":"checkout"}}' });
    const { inputs } = await provider.check(urnOf(BUCKET, "b"), {}, { tags: { stage: "test" } });
    expect(inputs.tags).toEqual({ team: "checkout", stage: "test" });
  });

  it("with an account that is not allowed is refused at the first call", async () => {
    const provider = awsProvider(await environment());
    await provider.configure({ allowedAccountIds: ["999999999999"] });
    await expect(provider.read("b", urnOf(BUCKET, "b"), {})).rejects.toThrow("want one of 999999999999");
    await provider.cancel();
  });

  it("without credentials is refused at the first call", async () => {
    const { AWS_ENDPOINT_URL } = await environment();
    const provider = awsProvider({ AWS_ENDPOINT_URL, AWS_REGION: "us-east-1" });
    await provider.configure({});
    await expect(provider.read("b", urnOf(BUCKET, "b"), {})).rejects.toThrow(
      "no credentials for the emulator",
    );
  });

  it("reports the version of the npm package", async () => {
    const { default: manifest } = await import("@pulumi/aws/package.json", { with: { type: "json" } });
    expect(awsProvider({}).version).toBe(manifest.version);
  });
});

describe("a resource", () => {
  it("of an unsupported type is refused by name", async () => {
    const provider = awsProvider(credentials);
    await expect(provider.check(urnOf("aws:rds/instance:Instance", "db"), {}, {})).rejects.toThrow(
      "aws:rds/instance:Instance: resource type is not supported by the local provider",
    );
    await expect(provider.invoke("aws:rds/getInstance:getInstance", {})).rejects.toThrow(
      "aws:rds/getInstance:getInstance: function is not supported by the local provider",
    );
  });

  it("lives in the region that it names", async () => {
    const deployment = new Deployment(await configured("aws"));
    const key = await deployment.create("aws:kms/key:Key", "elsewhere", { region: "eu-central-1" });
    expect(key.outs).toMatchObject({
      region: "eu-central-1",
      arn: expect.stringContaining(":eu-central-1:"),
    });
    await deployment.remove();
    await deployment.provider.cancel();
  });
});
