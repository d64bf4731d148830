// A secret's value on the emulator, replaced as an update does it: the new one first, then the old one is deleted.
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, it } from "vitest";
import { configured, Deployment, environment } from "./support/providers.ts";

const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
let deployment: Deployment;

beforeAll(async () => {
  deployment = new Deployment(await configured("aws"));
});

afterAll(async () => {
  await deployment.remove();
  await deployment.provider.cancel();
});

it("stays as the previous one, as with the official provider: checks try that it no longer works", async () => {
  const { id: secretId } = await deployment.create("aws:secretsmanager/secret:Secret", "replaced", {
    recoveryWindowInDays: 0,
  });
  const first = await deployment.create(VERSION, "replaced", { secretId, secretString: "first value" });
  await deployment.create(VERSION, "replaced", { secretId, secretString: "second value" });
  await deployment.provider.delete(first.id, first.urn, first.outs);
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = await environment();
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const manager = new SecretsManager({ endpoint: AWS_ENDPOINT_URL, region: "us-east-1", credentials });
  const read = (VersionStage: string) => manager.getSecretValue({ SecretId: secretId, VersionStage });
  expect(await read("AWSCURRENT")).toMatchObject({ SecretString: "second value" });
  expect(await read("AWSPREVIOUS")).toMatchObject({ SecretString: "first value" });
  manager.destroy();
});
