// The variables as environment.yaml has them, what is refused, and the site as its sources build it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { faultNames } from "../application/faults.ts";
import { readSettings } from "../application/settings.ts";
import { buildSite } from "../frontend/build.ts";

const definitions = await readDefinitions(new URL("../environment.yaml", import.meta.url));
const examples = Object.fromEntries(definitions.map(({ name, example }) => [name, example]));

describe("the settings", () => {
  it("are read from the examples of environment.yaml", () => {
    const settings = readSettings(definitions, examples);
    assert.equal(settings.requestsPerMinute, 120);
    assert.equal(settings.sync.maxAttempts, 3);
    assert.equal(settings.pems.url, "https://pems.example.com");
  });

  it("hold every secret value, so that no line of the log shows one", () => {
    const secret = definitions.filter((definition) => definition.secret).map(({ name }) => examples[name]);
    assert.deepEqual(readSettings(definitions, examples).secrets, secret);
  });

  const wrong: [string, string][] = [
    ["DATABASE_URL", "postgresql://pfa@db.example.com/pfa_vanguard"],
    ["REDIS_URL", "redis://cache.example.com:6379"],
    ["PEMS_API_KEY", "short"],
    ["GEMINI_API_URL", "http://gemini.example.com"],
    ["SYNC_MAX_ATTEMPTS", "0"],
    ["JWT_SECRET", "short"],
  ];
  for (const [name, value] of wrong)
    it(`refuse ${name}=${value}`, () =>
      assert.throws(() => readSettings(definitions, { ...examples, [name]: value }), new RegExp(name)));
});

describe("the site", () => {
  it("in the repository is what its sources build", async () => {
    for (const [path, content] of await buildSite())
      assert.deepEqual(await readFile(new URL(`../site/${path}`, import.meta.url)), content);
  });
});

describe("a fault", () => {
  it("of an unknown name is refused", () => {
    assert.throws(() => readFaults(faultNames, "health,helth"), /fault "helth": unknown/);
  });
});
