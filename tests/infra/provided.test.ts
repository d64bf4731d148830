// What the application is given of what the stack has.
import { beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { made, plain, recordResources } from "./support/mocks.ts";
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
