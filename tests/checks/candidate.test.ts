// The parts of a trial by themselves: the process, the log, the rotation, the data. The whole of it is shown end to end.
import { appendFile, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { withEmptyCache } from "../../checks/candidate/cache.ts";
import { judgeData } from "../../checks/candidate/data.ts";
import { type End, endOf, fillLog, judgeLog, judgeRotation, secretsOf } from "../../checks/candidate/log.ts";
import { startCandidate } from "../../checks/candidate/process.ts";
import { openRedis } from "../../checks/redis-client.ts";
import { waitForVersion } from "../../checks/release/version.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { newDatabase, session } from "./support/database.ts";

const NEW: End = { bytes: 0, inode: undefined, at: 0 };
const log = { normal: "\\bINFO\\b", failure: "\\bERROR\\b" };
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "candidate-"));
  file = join(folder, "candidate.log");
});
afterEach(() => rm(folder, { recursive: true }));

const results = async (from: End, failed = true) =>
  (await judgeLog({ file, ...log }, from, ["a secret value"], failed)).map(
    ({ id, result }) => `${id} ${result}`,
  );

describe("the log of a candidate", () => {
  it("tells of what went well and of what failed", async () => {
    await writeFile(file, "INFO started\nERROR no database\n");
    expect(await results(NEW)).toEqual(["log-normal passed", "log-failure passed", "log-secrets passed"]);
  });

  it("fails where a failure is not in it, and where nothing is", async () => {
    await writeFile(file, "INFO started\n");
    expect(await results(NEW)).toContain("log-failure failed");
    expect(await results(NEW, false)).toEqual(["log-normal passed", "log-secrets passed"]);
    await writeFile(file, "");
    expect(await results(NEW)).toEqual(["log-normal failed", "log-failure failed", "log-secrets failed"]);
  });

  it("fails with a secret in it", async () => {
    await writeFile(file, "INFO started with a secret value\nERROR\n");
    expect(await results(NEW)).toContain("log-secrets failed");
  });

  it.each([
    ["as it is in JSON", 'a "secret" value', (secret: string) => JSON.stringify({ secret })],
    ["in an address", "a secret value", (secret: string) => `http://h/?key=${encodeURIComponent(secret)}`],
  ])("fails with a secret in it %s", async (_how, secret, line) => {
    await writeFile(file, `INFO ${line(secret)}\nERROR\n`);
    expect(await judgeLog({ file, ...log }, NEW, [secret], true)).toContainEqual(
      expect.objectContaining({ id: "log-secrets", result: "failed" }),
    );
  });

  it("fails with the address of a store in it, which is the copy's", async () => {
    const environment = {
      DATABASE_URL: "postgresql://app:the%20password@db/orders",
      KEY: "of the variables",
      PUBLIC: "no secret",
    };
    const secrets = secretsOf({ environment, secretVariables: ["KEY", "MISSING"] });
    expect(secrets).toEqual(["of the variables", "the%20password", "the password"]);
    await writeFile(file, "INFO postgresql://app:the%20password@db/orders_copy\nERROR\n");
    expect(await judgeLog({ file, ...log }, NEW, secrets, true)).toContainEqual(
      expect.objectContaining({ id: "log-secrets", result: "failed" }),
    );
  });

  it("counts from the trial on", async () => {
    await writeFile(file, "ERROR of another trial\n");
    const from = await endOf(file);
    await appendFile(file, "INFO started\n");
    expect(await results(from)).toContain("log-failure failed");
  });

  it.each([
    ["before", "INFO started with a secret value\nERROR\n", "INFO again, in a file that is longer by now\n"],
    ["after", "ERROR\n", "INFO started with a secret value\n"],
  ])("is read as a whole where it was rotated %s a secret got into it", async (_when, old, young) => {
    await writeFile(file, "INFO of another trial\n");
    const from = await endOf(file);
    await appendFile(file, old);
    await rename(file, `${file}.1`);
    await writeFile(file, young);
    expect(await results(from)).toEqual(["log-normal passed", "log-failure passed", "log-secrets failed"]);
  });

  const leak = "INFO started with a secret value\n";
  const failing = ["log-normal passed", "log-failure passed", "log-secrets failed"];

  it("is read as a whole where it was rotated twice", async () => {
    await writeFile(file, "INFO of another trial\n");
    const from = await endOf(file);
    await rename(file, `${file}.2`);
    await writeFile(`${file}.1`, leak);
    await writeFile(file, "ERROR\n");
    expect(await results(from)).toEqual(failing);
  });

  it("is read as a whole where it was rotated before anything was written to the place of it", async () => {
    const from = await endOf(file);
    await writeFile(`${file}.1`, leak);
    await writeFile(file, "ERROR\n");
    expect(await results(from)).toEqual(failing);
  });

  it.each([
    ["compressed", (text: string) => writeFile(`${file}.1.gz`, gzipSync(text))],
    ["copied", (text: string) => writeFile(`${file}.1`, text)],
  ])("is read from the trial on where it was rotated and %s", async (_how, rotate) => {
    const before = "ERROR of another trial\n";
    await writeFile(file, before);
    const from = await endOf(file);
    await rotate(`${before}${leak}`);
    await writeFile(file, "INFO\n");
    expect(await results(from)).toEqual(["log-normal passed", "log-failure failed", "log-secrets failed"]);
  });

  it("fails where there is none", async () => {
    expect(await results(await endOf(file))).toEqual([
      "log-normal failed",
      "log-failure failed",
      "log-secrets failed",
    ]);
  });
});

describe("a full log", () => {
  const rotation = { maximumBytes: 2000, maximumFiles: 2 };

  const filled = async () => {
    await fillLog(file, rotation);
    return await endOf(file);
  };

  it("passes when it was rotated in the trial, and takes the filling away", async () => {
    const from = await filled();
    expect(from.bytes).toBeGreaterThanOrEqual(2000);
    await rename(file, join(folder, "20260302-01-candidate.log"));
    await writeFile(file, "INFO started\n");
    expect(await judgeRotation(file, rotation, from)).toMatchObject({ result: "passed" });
    expect(await readdir(folder)).toEqual(["candidate.log"]);
  });

  it("passes also where as many older ones are kept as may be, and keeps those of before the trial", async () => {
    for (const [number, at] of [
      ["1", 2000],
      ["2", 1000],
    ] as const) {
      await writeFile(`${file}.${number}`, `before ${number}`);
      await utimes(`${file}.${number}`, at, at);
    }
    const from = await filled();
    await rename(`${file}.1`, `${file}.2`);
    await rename(file, `${file}.1`);
    await writeFile(file, "INFO started\n");
    expect(await judgeRotation(file, rotation, from)).toMatchObject({
      result: "passed",
      observed: expect.stringContaining("1 rotated in the trial, 2 older ones"),
    });
    expect(await readdir(folder)).toEqual(["candidate.log", "candidate.log.2"]);
    expect(await readFile(`${file}.2`, "utf8")).toBe("before 1");
  });

  it("leaves what others write beside it alone, be it rotated meanwhile", async () => {
    file = join(folder, "orders.candidate.log");
    await writeFile(join(folder, "orders.log"), "INFO of production\n");
    const from = await filled();
    await rename(join(folder, "orders.log"), join(folder, "orders.log.1"));
    await writeFile(join(folder, "orders.candidate.pid"), "12");
    expect(await judgeRotation(file, rotation, from)).toMatchObject({ result: "failed" });
    expect(await readdir(folder)).toEqual(["orders.candidate.log", "orders.candidate.pid", "orders.log.1"]);
  });

  it("fails when it only grew", async () => {
    const from = await filled();
    await appendFile(file, "INFO started\n");
    expect(await judgeRotation(file, rotation, from)).toMatchObject({ result: "failed" });
  });
});

describe("the cache of a candidate", () => {
  it("is empty before and after, also when the server ended a session that waited", async () => {
    const services = servicesEnvironment(await sharedServices());
    const url = new URL(services.GREENLIGHT_REDIS_URL ?? "");
    url.pathname = "/13";
    const caFile = services.GREENLIGHT_CA_FILE;
    const signal = AbortSignal.timeout(60_000);
    const other = await openRedis(url.href, { caFile, signal });
    onTestFinished(() => other.close());
    await other.send(["SET", "left", "before"]);
    const seen = await withEmptyCache(url.href, caFile, signal, async () => {
      const own = String(await other.send(["CLIENT", "ID"]));
      const clients = String(await other.send(["CLIENT", "LIST"])).split("\n");
      for (const client of clients) {
        const [, id = ""] = /^id=(\d+) .* db=13 /.exec(client) ?? [];
        if (id !== "" && id !== own) await other.send(["CLIENT", "KILL", "ID", id]);
      }
      const keys = await other.send(["KEYS", "*"]);
      await other.send(["SET", "left", "after"]);
      return keys;
    });
    expect(seen).toEqual([]);
    expect(await other.send(["KEYS", "*"])).toEqual([]);
  });
});

describe("the process of a candidate", () => {
  const start = (code: string) =>
    startCandidate(
      {
        command: [process.execPath, "-e", code],
        directory: folder,
        environment: { WORD: "of its own" },
      },
      AbortSignal.timeout(60_000),
    );

  it("has variables of its own and ends when it is told to", async () => {
    const candidate = await start(
      'process.on("SIGTERM", () => process.exit(0)); console.log(process.env.WORD); setInterval(() => {}, 1000)',
    );
    while (candidate.tail.length === 0) await new Promise(setImmediate);
    expect(candidate.tail).toEqual(["of its own"]);
    expect(candidate.runs()).toBe(true);
    expect(await candidate.stop()).toEqual({ clean: true, exit: "exit 0" });
    expect(candidate.runs()).toBe(false);
  });

  it("is not clean when it went by itself", async () => {
    const candidate = await start("process.exit(3)");
    while (candidate.runs()) await new Promise(setImmediate);
    expect(await candidate.stop()).toEqual({ clean: false, exit: "exit 3" });
  });

  it("is waited for no longer when it is gone", async () => {
    const candidate = await start("process.exit(3)");
    const signal = AbortSignal.timeout(20_000);
    const rollout = await waitForVersion(
      { versionUrl: "http://127.0.0.1:1/version", versionPath: "$.version", instancePath: "$.instance" },
      { version: "1.0.0", instances: 1, withinSeconds: 600, signal, isWorthIt: () => candidate.runs() },
    );
    expect(rollout.complete).toBe(false);
    expect(rollout.others).toHaveLength(1);
    await candidate.stop();
  });

  it("is told by name when it cannot be started", async () => {
    const none = { command: ["no-such-program"], directory: folder, environment: {} };
    const wrong = startCandidate(none, AbortSignal.timeout(60_000));
    await expect(wrong).rejects.toThrow('candidate "no-such-program"');
  });
});

describe("the data of a candidate", () => {
  it("is counted over all tables, on both sides of the limit", async () => {
    const client = await session(await newDatabase());
    await client.query(
      `CREATE SCHEMA other; CREATE TABLE "some jobs" (id int); CREATE TABLE other.jobs (id int);
       INSERT INTO "some jobs" SELECT generate_series(1, 30); INSERT INTO other.jobs VALUES (1)`,
    );
    const looks = [await judgeData(client, 31), await judgeData(client, 32)];
    expect(looks.map(({ result }) => result)).toEqual(["passed", "failed"]);
    expect(looks[0]).toMatchObject({ id: "data", observed: "31 rows in 2 tables: some jobs 30, jobs 1" });
  });
});

describe("the data of a copy", () => {
  it("is counted once where a table inherits from another", async () => {
    const client = await session(await newDatabase());
    await client.query(
      "create table events (id int); create table events_2026 () inherits (events); insert into events_2026 values (1), (2)",
    );
    expect(await judgeData(client, 3)).toMatchObject({ result: "failed" });
    expect((await judgeData(client, 2)).observed).toMatch(/^2 rows in 2 tables/);
  });
});
