// The variables as environment.yaml has them, and what is refused.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { faultNames } from "../application/faults.ts";
import { readSettings } from "../application/settings.ts";

const definitions = await readDefinitions(new URL("../environment.yaml", import.meta.url));
const examples = Object.fromEntries(definitions.map(({ name, example }) => [name, example]));

describe("the settings", () => {
  it("are read from the examples of environment.yaml", () => {
    const settings = readSettings(definitions, examples);
    assert.equal(settings.requestsPerMinute, 60);
    assert.equal(settings.log.maxBytes, 10 * 1024 ** 2);
    assert.deepEqual(settings.mail.from, { name: "Support", address: "support@example.com" });
  });

  it("hold every secret value, so that no line of the log shows one", () => {
    const secret = definitions.filter((definition) => definition.secret).map(({ name }) => examples[name]);
    assert.deepEqual(readSettings(definitions, examples).secrets, secret);
  });

  const wrong: [string, string][] = [
    ["DATABASE_URL", "postgresql://support@db.example.com/support"],
    ["REDIS_URL", "redis://cache.example.com:6379"],
    ["JWT_SECRET", "short"],
    ["RATE_LIMIT_REQUESTS_PER_MINUTE", "plenty"],
    ["MAIL_FROM_ADDRESS", "support"],
    ["LOG_MAX_SIZE", "ten"],
    ["APP_URL", "http://support.example.com"],
  ];
  for (const [name, value] of wrong)
    it(`refuse ${name}=${value}`, () =>
      assert.throws(() => readSettings(definitions, { ...examples, [name]: value }), new RegExp(name)));
});

describe("a fault", () => {
  it("of an unknown name is refused", () => {
    assert.throws(() => readFaults(faultNames, "health,helth"), /fault "helth": unknown/);
  });
});
