// The preflight check on real services: PostgreSQL and Redis over TLS, the emulator's S3.
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { judgeDays, judgeMajor, judgeMemory } from "../../checks/preflight/connectivity.ts";
import { isAtLeast, judgeFree, judgeSkew } from "../../checks/preflight/machine.ts";
import { judgeVariables, readVariableRules, type VariableRule } from "../../checks/preflight/variables.ts";
import { step } from "../../checks/preflight.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { answer, withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

let environment: { [name: string]: string } = {};
let folder = "";

beforeAll(async () => {
  environment = servicesEnvironment(await sharedServices());
  Object.assign(process.env, environment);
  folder = await mkdtemp(join(tmpdir(), "greenlight-preflight-"));
  await new S3Client({}).send(new CreateBucketCommand({ Bucket: "preflight-test" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const database = () => ({ url: environment.GREENLIGHT_DATABASE_URL ?? "" });
const redis = () => ({ url: environment.GREENLIGHT_REDIS_URL ?? "", caFile: environment.GREENLIGHT_CA_FILE });
const failed = (id: string) => ({ id, result: "failed" });

describe("preflight", () => {
  it("passes when everything can be reached, encrypted and new enough", async () => {
    const { observations } = await runStep(step, {
      tools: { node: "22.18", pg_dump: "14" },
      database: { ...database(), mustRefusePlain: true },
      redis: redis(),
      buckets: ["preflight-test"],
      hosts: ["localhost"],
      freeMib: { [folder]: 1 },
    });
    expect(observations.map(({ id, result }) => `${id} ${result}`).slice(0, 9)).toEqual([
      "tool-node passed",
      "tool-pg-dump passed",
      "database passed",
      "database-version passed",
      "database-tls passed",
      "database-tls-required passed",
      "redis passed",
      "redis-password passed",
      "bucket-preflight-test passed",
    ]);
    expect(observations.every(({ result }) => result === "passed")).toBe(true);
    expect(observations.map(({ id }) => id)).toContain("clock");
  });

  it("fails on a database that refuses, without its password in the message", async () => {
    const url = database().url.replace(/:[^:@]+@/, ":wrong-password-here@");
    const { seen } = await runStep(step, { database: { url } });
    expect(seen("database")).toMatchObject({ result: "failed" });
    expect(seen("database").observed).toContain("password authentication failed");
    expect(JSON.stringify(seen("database"))).not.toContain("wrong-password-here");
  });

  it("fails on a database without TLS where TLS is asked for", async () => {
    const url = database().url.replace("sslmode=require", "sslmode=disable");
    const asked = await runStep(step, { database: { url } });
    const outcome = asked.observations.find(({ id }) => id === "database-tls") ?? asked.seen("database");
    expect(outcome.result).toBe("failed");
  });

  it("takes only the server's refusal for one, not a database that is not there", async () => {
    const url = database().url.replace(/:\d+\//, ":1/");
    const { seen } = await runStep(step, { database: { url, mustRefusePlain: true }, clockUrl: null });
    expect(seen("database-tls-required")).toMatchObject({ result: "failed" });
    expect(seen("database-tls-required").observed).toContain("ECONNREFUSED");
  });

  it("fails on Redis with another CA, a wrong token, or no TLS", async () => {
    const anyCa = await runStep(step, {
      redis: { url: redis().url.replace(/:[^:@]+@/, ":wrong-token@"), caFile: redis().caFile },
    });
    expect(anyCa.seen("redis")).toMatchObject(failed("redis"));
    const plain = await runStep(step, { redis: { url: "redis://127.0.0.1:1" } });
    expect(plain.seen("redis").observed).toBe("an address that begins redis://");
  });

  it("fails on a missing bucket, name, tool and disk space", async () => {
    const { seen } = await runStep(step, {
      buckets: ["no-such-bucket-here"],
      hosts: ["no-such-host.invalid"],
      tools: { "no-such-tool": "1", node: "99" },
      freeMib: { [folder]: 1_000_000_000, "/no/such/folder": 1 },
      clockUrl: null,
    });
    expect(seen("disk-no-such-folder").observed).toMatch(/^ENOENT: .* '\/no\/such\/folder'$/);
    expect(seen("bucket-no-such-bucket-here").result).toBe("failed");
    expect(seen("host-no-such-host-invalid").observed).toContain("ENOTFOUND");
    expect(seen("tool-no-such-tool")).toMatchObject({ result: "failed", observed: "not found on PATH" });
    expect(seen("tool-node").observed).toMatch(/^node 2\d/);
    expect(seen("tool-node").result).toBe("failed");
  });

  it("takes no digit of a program's name for its version", async () => {
    const program = join(folder, "s3cmd");
    await writeFile(program, "#!/bin/sh\necho s3cmd version 2.4.0\n", { mode: 0o755 });
    const path = process.env.PATH;
    onTestFinished(() => {
      process.env.PATH = path;
    });
    process.env.PATH = `${folder}:${path}`;
    const { seen } = await runStep(step, { tools: { s3cmd: "2.5" }, clockUrl: null });
    expect(seen("tool-s3cmd")).toMatchObject({ result: "failed", observed: "s3cmd 2.4.0" });
  });

  it("fails on Redis that answers without its password", async () => {
    // Takes any password, and none.
    const server = createServer((socket) =>
      socket.on("data", (data) => {
        const commands = String(data).match(/^\*\d+\r\n\$\d+\r\n\w+/gm) ?? [];
        for (const command of commands) socket.write(/PING$/.test(command) ? "+PONG\r\n" : "+OK\r\n");
      }),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const url = `redis://:a-password@127.0.0.1:${port}`;
      const { seen } = await runStep(step, { redis: { url, requireTls: false }, clockUrl: null });
      expect(seen("redis").result).toBe("passed");
      expect(seen("redis-password")).toMatchObject({ result: "failed", observed: "PONG" });
    } finally {
      server.close();
    }
  });

  it("compares Redis' memory with its limit, and fails where it has none", async () => {
    const unlimited = judgeMemory("used_memory:5\r\nmaxmemory:0\r\n", 70);
    expect(unlimited).toMatchObject({ result: "failed", observed: expect.stringContaining("no limit") });
    const ran = await runStep(step, { redis: { ...redis(), maximumMemoryPercent: 70 } });
    expect(ran.seen("redis").result).toBe("passed");
    expect(ran.seen("redis-memory").expected).toBe("less than 70 % of its memory in use");
  });

  it("judges a server's certificate by trust and by the days that are left", async () => {
    const { hostname, port } = new URL(redis().url);
    const wanted = { host: hostname, port: Number(port), minimumDays: 1 };
    const trusted = await runStep(step, {
      certificates: [{ ...wanted, caFile: environment.GREENLIGHT_CA_FILE }],
    });
    expect(trusted.seen("certificate-127-0-0-1").result).toBe("passed");
    // Nobody's trust is switched off by a variable of the machine.
    const variable = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const strange = await runStep(step, { certificates: [wanted] }).finally(() => {
      if (variable === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = variable;
    });
    expect(strange.seen("certificate-127-0-0-1").result).toBe("failed");
    const closed = await runStep(step, { certificates: [{ ...wanted, port: 1 }] });
    expect(closed.seen("certificate-127-0-0-1").result).toBe("failed");
    expect(judgeDays("c", 14, 14, "").result).toBe("passed");
    expect(judgeDays("c", 13.99, 14, "").result).toBe("failed");
  });

  it("fails when the clock is off, and is inconclusive when AWS does not say the time", async () => {
    const date = new Date(Date.now() - 60_000).toUTCString();
    await withServer(
      (_request, response) => answer(response, 403, {}, { date }),
      async (clockUrl) => {
        const { seen } = await runStep(step, { clockUrl, maximumClockSkewSeconds: 30 });
        expect(seen("clock")).toMatchObject({ result: "failed" });
        expect(seen("clock").observed).toMatch(/ s ahead$/);
      },
    );
    const silent = await runStep(step, { clockUrl: "http://127.0.0.1:1/" });
    expect(silent.seen("clock").result).toBe("inconclusive");
  });

  it("judges figures on both sides of their bounds", () => {
    const memory = (used: number) => judgeMemory(`used_memory:${used}\r\nmaxmemory:1000\r\n`, 70);
    expect([memory(699).result, memory(700).result]).toEqual(["passed", "failed"]);
    expect([judgeSkew(5, 5).result, judgeSkew(-5.1, 5).result]).toEqual(["passed", "failed"]);
    expect([judgeFree("/", 10, 10).result, judgeFree("/", 9.9, 10).result]).toEqual(["passed", "failed"]);
    expect([judgeMajor(14, 14, "").result, judgeMajor(13, 14, "").result]).toEqual(["passed", "failed"]);
    expect([isAtLeast("22.18.0", "22.18"), isAtLeast("22.17.9", "22.18"), isAtLeast("15", "14.9")]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it("stops a preview with every fault at once, and says what is in order", async () => {
    const context = { name: "p", log: () => {}, signal: AbortSignal.timeout(20_000), previous: undefined };
    const good = step.inputs().parse({ tools: { node: "22" }, clockUrl: null, buckets: ["not-made-yet"] });
    expect(await step.plan?.(good, context)).toEqual(["preflight: 1 in order"]);
    const bad = step.inputs().parse({ tools: { node: "99", nothing: "1" }, clockUrl: null });
    await expect(step.plan?.(bad, context)).rejects.toThrow(
      /tool-node: node .*, want node 99 or newer; tool-nothing: not found/,
    );
  });

  it("refuses bounds outside their range", () => {
    expect(inputFaults(step, { maximumClockSkewSeconds: 300 })).toEqual([]);
    expect(inputFaults(step, { maximumClockSkewSeconds: 301 })).toHaveLength(1);
    expect(inputFaults(step, { certificates: [{ host: "a", minimumDays: 398 }] })).toEqual([]);
    expect(inputFaults(step, { certificates: [{ host: "a", minimumDays: 399 }] })).toHaveLength(1);
    expect(inputFaults(step, { redis: { url: "redis://x", password: "y" } })).toHaveLength(1);
  });
});

const variable = (change: Partial<VariableRule>): VariableRule => ({
  name: "NAME",
  required: true,
  secret: false,
  source: "settings",
  rule: { kind: "text", minLength: 1 },
  ...change,
});

describe("variables", () => {
  it.each([
    [{ kind: "enum", values: ["a", "b"] }, "b", "c"],
    [{ kind: "integer", min: 1, max: 60 }, "60", "61"],
    [{ kind: "integer", min: 1, max: 60 }, "1", "0"],
    [{ kind: "integer", min: 1, max: 60 }, "7", "7.5"],
    [{ kind: "text", minLength: 32 }, "x".repeat(32), "x".repeat(31)],
    [{ kind: "regex", pattern: "^SG\\." }, "SG.x", "x"],
    [{ kind: "bool" }, "false", "no"],
    [{ kind: "bytes" }, "10m", "10"],
    [{ kind: "email" }, "ops@example.com", "ops"],
    [{ kind: "host" }, "smtp.example.com", "smtp example"],
    [{ kind: "cron" }, "*/5 2 1-15 * 0,6", "0 25 * * *"],
    [{ kind: "cron" }, "0 2 * * *", "0 2 * *"],
    [{ kind: "cron" }, "0 2 * * 7", "0 2 * * 8"],
    [{ kind: "https-url" }, "http://127.0.0.1:80/", "http://example.com"],
    [{ kind: "redis-url" }, "rediss://:t@cache:6379", "redis://:t@cache:6379"],
    [{ kind: "postgres-url" }, "postgresql://a:b@h/d?sslmode=require", "postgresql://a:b@h/d"],
  ] satisfies [VariableRule["rule"], string, string][])("accepts and refuses by %o", (rule, good, bad) => {
    const [, passed] = judgeVariables([variable({ rule })], { NAME: good });
    expect(passed).toMatchObject({ id: "variable-name", result: "passed" });
    expect(judgeVariables([variable({ rule })], { NAME: bad })[1]).toMatchObject(failed("variable-name"));
  });

  it("demands a conditional variable only when its condition holds", () => {
    const rules = [variable({ name: "KEY", required: "PROVIDER=ses" })];
    const [summary, ...each] = judgeVariables(rules, { PROVIDER: "smtp" });
    expect([summary?.result, each]).toEqual(["passed", []]);
    expect(judgeVariables(rules, { PROVIDER: "ses" })[1]).toMatchObject({
      id: "variable-key",
      observed: "not set",
    });
  });

  it("never shows a secret's value", () => {
    const rules = [variable({ secret: true, rule: { kind: "text", minLength: 32 } })];
    const [, fault] = judgeVariables(rules, { NAME: "too-short-secret" });
    expect(fault?.observed).toBe("a secret of 16 characters");
    const [, passed] = judgeVariables(rules, { NAME: "long-enough-to-be-a-secret-of-32" });
    expect(passed?.observed).toBe("a secret that has the form");
  });

  it("takes a rules file without variables for a failure, and a wrong one for an error with its faults", async () => {
    expect(judgeVariables([], {})[0]?.result).toBe("failed");
    const path = join(folder, "rules.yaml");
    await writeFile(path, "variables: [{ name: lower, required: maybe }]");
    await expect(readVariableRules(path)).rejects.toThrow(
      /variable rules ".*": variables.0.name: .*; correct the file/,
    );
    await writeFile(path, "variables:\n  - { name: A: b }\n");
    await expect(readVariableRules(path)).rejects.toThrow(
      /variable rules ".*rules.yaml": .*at line 2, .*; correct the file$/,
    );
    const rule = "{ kind: regex, pattern: '^[a-z' }";
    await writeFile(
      path,
      `variables: [{ name: KEY, required: true, secret: true, source: settings, rule: ${rule} }]`,
    );
    await expect(readVariableRules(path)).rejects.toThrow(
      /variables.0.rule.pattern: must be a regular expression; correct the file/,
    );
  });

  it("refuses two rules of one name", async () => {
    const path = join(folder, "twice.yaml");
    const known = "{ name: A, required: true, secret: false, source: settings, rule: { kind: bool } }";
    await writeFile(path, `variables: [${known}, ${known}]`);
    await expect(readVariableRules(path)).rejects.toThrow("variables: names must be unique");
  });

  it("reads the example's rules, and every example value in them is well formed", async () => {
    const rules = await readVariableRules("examples/hv-consultores/environment.yaml");
    const values = Object.fromEntries(rules.map(({ name, example = "" }) => [name, example]));
    expect(judgeVariables(rules, values).filter(({ result }) => result === "failed")).toEqual([]);
    expect(rules).toHaveLength(61);
  });
});
