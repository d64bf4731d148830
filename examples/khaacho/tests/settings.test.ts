// The variables of .env.example are those of environment.yaml, and what each must look like is enforced.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { readDefinitions } from "../../parts/environment.ts";
import { readSettings } from "../application/settings.ts";

const definitions = await readDefinitions(new URL("../environment.yaml", import.meta.url));
const examples = Object.fromEntries(definitions.map(({ name, example }) => [name, example]));

describe("the settings", () => {
  it("are read from the examples of environment.yaml", () => {
    const settings = readSettings(definitions, examples);
    assert.equal(settings.requestsPerMinute, 100);
    assert.match(settings.redisUrl, /^rediss:\/\/:[^@]+@cache\.example\.com:6379$/);
  });
  it("are named in .env.example, all of them and no others", async () => {
    const text = await readFile(new URL("../.env.example", import.meta.url), "utf8");
    const named = text.split("\n").flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
    assert.deepEqual(
      named,
      definitions.map(({ name }) => name),
    );
  });
  const wrong: [string, string][] = [
    [
      "DATABASE_URL",
      "postgresql://khaacho:short@db.example.com:5432/khaacho?sslmode=require&connection_limit=20&pool_timeout=10",
    ],
    [
      "DATABASE_URL",
      "postgresql://khaacho:0123456789abcdefghijklmnopqrstuv@db.example.com:5432/khaacho?sslmode=verify-full",
    ],
    [
      "DATABASE_URL",
      "postgresql://khaacho:0123456789abcdefghijklmnopqrstuv@db.example.com:5432/other?sslmode=require&connection_limit=20&pool_timeout=10",
    ],
    [
      "DATABASE_URL",
      "postgresql://khaacho:0123456789abcdefghijklmnopqrstuv@db.example.com:5432/khaacho?sslmode=disable&connection_limit=20&pool_timeout=10",
    ],
    ["JWT_SECRET", "change-me"],
    ["REDIS_PORT", "0"],
    ["NODE_ENV", "development"],
  ];
  for (const [name, value] of wrong)
    it(`refuse ${name}=${value.slice(0, 60)}`, () =>
      assert.throws(() => readSettings(definitions, { ...examples, [name]: value }), new RegExp(name)));
});
