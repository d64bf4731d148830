// What the application, and what runs beside it, is given of what the stack has and its settings say.
import { beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { backupPlan } from "../../agent/scheduled-backup.ts";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { inputsOf, made, plain, recordResources } from "./support/mocks.ts";
import { sourceOf } from "./support/source.ts";

beforeEach(recordResources);

describe("Redis in parts", () => {
  it.each([
    ["rediss://:tok%25en@cache.example.com", "6379"],
    ["rediss://:tok%25en@cache.example.com:7000", "7000"],
  ])("%s", async (url, port) => {
    const text = stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:network": { cidrBlock: "10.20.0.0/24" },
        "greenlight:cache": { url },
        "greenlight:application": {
          provided: { REDIS_HOST: "cacheHost", REDIS_PORT: "cachePort", REDIS_PASSWORD: "cachePassword" },
        },
      },
    });
    const { application } = await made(provision(readSettings(sourceOf(text))));
    expect(application && (await plain(application.environment))).toEqual({
      REDIS_HOST: "cache.example.com",
      REDIS_PORT: port,
      REDIS_PASSWORD: "tok%en",
    });
  });
});

describe("the plan of backups", () => {
  it.each([
    [{ deadlineSeconds: 28_800 }, 28_800],
    [{}, undefined],
  ])("with %o has the time that one may take in a release, too", async (own, deadlineSeconds) => {
    const text = stringify({
      config: {
        "aws:region": "us-east-1",
        "greenlight:system": { name: "orders", awsAccountId: "123456789012" },
        "greenlight:database": {
          adminUrl: "postgresql://administrator:password@db.example.com/postgres?sslmode=require",
          databaseName: "orders",
        },
        "greenlight:release": { version: "1" },
        "greenlight:backup": { schedule: { cron: "0 2 * * *" }, ...own },
      },
    });
    await made(provision(readSettings(sourceOf(text))));
    const plan = inputsOf("aws:secretsmanager/secretVersion:SecretVersion", "orders-backup-plan-value");
    const { secret } = plan.secretString as { secret: string };
    expect(backupPlan().parse(JSON.parse(secret)).deadlineSeconds).toBe(deadlineSeconds);
  });
});
