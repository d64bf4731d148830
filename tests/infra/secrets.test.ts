import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { Keys } from "../../infra/keys.ts";
import { Logs } from "../../infra/logs.ts";
import { Secrets } from "../../infra/secrets.ts";
import { inputsOf, made, plain, policyOf, recordResources, registered } from "./support/mocks.ts";

beforeEach(recordResources);

describe("Secrets", () => {
  const args = {
    keyArn: "arn:key",
    environment: { PLAIN: "value", API_KEY: pulumi.secret("the-key"), ADDRESS: pulumi.output("https://a") },
    generated: { JWT_SECRET: { length: 48 } },
  };

  it("keeps the whole environment as one sorted JSON object", async () => {
    const secrets = await made(new Secrets("orders", args));
    expect(inputsOf("aws:secretsmanager/secret:Secret")).toMatchObject({
      name: "orders/application",
      kmsKeyId: "arn:key",
      recoveryWindowInDays: 30,
    });
    expect(inputsOf("aws:secretsmanager/secretVersion:SecretVersion").secretString).toEqual({
      secret:
        '{"ADDRESS":"https://a","API_KEY":"the-key","JWT_SECRET":"generated-orders-jwt-secret","PLAIN":"value"}',
    });
    expect(await plain(secrets.secretName)).toBe("orders/application");
  });

  it("makes values up in letters and digits, which no shell or address has to escape", async () => {
    await made(new Secrets("orders", args));
    expect(inputsOf("random:index/randomPassword:RandomPassword")).toEqual({ length: 48, special: false });
  });

  it("gives the environment to checks as a secret", async () => {
    const secrets = await made(new Secrets("orders", args));
    expect(await pulumi.isSecret(secrets.environment)).toBe(true);
  });
});

describe("Keys", () => {
  const args = { accountId: "123456789012", region: "eu-west-1" };

  it("has a key with rotation and an alias for each purpose", async () => {
    await made(new Keys("orders", args));
    const keys = registered.filter(({ type }) => type === "aws:kms/key:Key");
    expect(keys.map(({ name }) => name).sort()).toEqual(["orders-backups", "orders-data", "orders-logs"]);
    for (const { inputs } of keys)
      expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    const aliases = registered.filter(({ type }) => type === "aws:kms/alias:Alias");
    expect(aliases.map(({ inputs }) => inputs.name).sort()).toEqual([
      "alias/orders-backups",
      "alias/orders-data",
      "alias/orders-logs",
    ]);
  });

  it("lets the account manage keys and use them through named services only", async () => {
    await made(new Keys("orders", args));
    const through = { backups: ["s3", "secretsmanager"], logs: ["logs"] };
    for (const [purpose, services] of Object.entries(through)) {
      const [manages, uses] = policyOf(inputsOf("aws:kms/key:Key", `orders-${purpose}`));
      expect(manages).toMatchObject({ Principal: { AWS: "arn:aws:iam::123456789012:root" } });
      expect(JSON.stringify(manages)).not.toMatch(/kms:\*|crypt|GenerateDataKey/);
      expect(uses).toMatchObject({
        Condition: {
          StringEquals: { "kms:ViaService": services.map((service) => `${service}.eu-west-1.amazonaws.com`) },
        },
      });
    }
  });

  it("lets services in one by one, each for this account only", async () => {
    await made(new Keys("orders", args));
    const services = (name: string) =>
      policyOf(inputsOf("aws:kms/key:Key", name))
        .slice(3)
        .map(({ Principal }) => Principal);
    expect(services("orders-backups")).toEqual([]);
    expect(services("orders-data")).toEqual([{ Service: ["cloudwatch.amazonaws.com", "sns.amazonaws.com"] }]);
    expect(services("orders-logs")).toEqual([{ Service: "logs.eu-west-1.amazonaws.com" }]);
    expect(policyOf(inputsOf("aws:kms/key:Key", "orders-logs"))[3]).toMatchObject({
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:log-group:*",
        },
      },
    });
  });
});

describe("Logs", () => {
  it("keeps encrypted groups for 30 days unless told otherwise", async () => {
    await made(new Logs("orders", { keyArn: "arn:key", groups: ["application", "worker"] }));
    const groups = registered.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    expect(groups.map(({ inputs }) => inputs)).toEqual([
      { name: "/orders/application", retentionInDays: 30, kmsKeyId: "arn:key" },
      { name: "/orders/worker", retentionInDays: 30, kmsKeyId: "arn:key" },
    ]);
  });
});
