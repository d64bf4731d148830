import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { step } from "../../checks/logs.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

beforeAll(async () => {
  const environment = servicesEnvironment(await sharedServices());
  for (const [name, value] of Object.entries(environment)) process.env[name] ??= value;
});

const pattern = "(?<time>\\S+) \\| (?<level>[A-Z]+) \\| (?<component>\\S+) \\| .*";
const released = "2030-01-01T12:00:00.000Z";
const good = [
  "2030-01-01T11:59:59.000Z | ERROR | queue | before the release",
  "2030-01-01T12:00:01.000Z | INFO | main | Started {}",
  "2030-01-01T12:00:02.000Z | WARN | queue | Slow {}",
];

/** A log file in a folder of its own. */
function logFile(lines: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-logs-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "application.log");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
const look = (lines: string[], source: object = {}, more: object = {}) =>
  runStep(step, {
    sources: [{ name: "app", file: logFile(lines), pattern, ...source }],
    since: [released],
    ...more,
  });
const results = async (lines: string[], source: object = {}, more: object = {}) =>
  Object.fromEntries(
    (await look(lines, source, more)).observations.map(({ id, result }) => [id.slice(4), result]),
  );

describe("the lines of a file", () => {
  it("pass when each is in the format, with its levels, without errors since the release and without secrets", async () => {
    expect(await results(good, {}, { secrets: ["not-in-the-log"] })).toEqual({
      format: "passed",
      levels: "passed",
      errors: "passed",
      secrets: "passed",
    });
  });

  it.each([
    ["a line in another format", "2030-01-01T12:00:03.000Z INFO queue no separators", "format"],
    ["a line without a time", "soon | INFO | queue | x", "format"],
    ["a debug line", "2030-01-01T12:00:03.000Z | DEBUG | queue | x", "levels"],
    ["an error since the release", "2030-01-01T12:00:03.000Z | ERROR | queue | x", "errors"],
    [
      "a secret of the application",
      "2030-01-01T12:00:03.000Z | INFO | main | key is signing-key-of-tests",
      "secrets",
    ],
    ["a mail address", "2030-01-01T12:00:03.000Z | INFO | main | to ana@example.com", "secrets"],
  ])("fail for %s, and for nothing else", async (_what, line, failing) => {
    const more = { secrets: ["signing-key-of-tests", "short"], forbidden: { "mail-address": "\\S+@\\S+" } };
    const seen = await results([...good, line], {}, more);
    expect(Object.keys(seen).filter((id) => seen[id] !== "passed")).toEqual([failing]);
  });

  it("may have the errors that a check asks for, which count as arrived, and no others beside them", async () => {
    const asked = ["03", "04"].map((at) => `2030-01-01T12:00:${at}.000Z | ERROR | diagnostics | asked`);
    const other = "2030-01-01T12:00:05.000Z | ERROR | main | failed";
    const source = { askedErrors: "\\| diagnostics \\|" };
    const errors = async (lines: string[], more: object = {}) =>
      (await look([...good, ...lines], { ...source, ...more })).seen("app-errors");
    expect(await errors(asked, { minimumErrors: 2 })).toMatchObject({
      result: "passed",
      observed: expect.stringContaining("2 of 4 lines, 2 of them asked for"),
    });
    expect((await errors(asked, { minimumErrors: 3 })).result).toBe("failed");
    expect(await errors([...asked, other])).toMatchObject({
      result: "failed",
      observed: expect.stringContaining("| main | failed"),
    });
    expect((await errors([...asked, other], { maximumErrors: 1 })).result).toBe("passed");
  });

  it("shows no line that may hold a secret, only where it stands", async () => {
    const secrets = ["signing-key-of-tests"];
    const { observations, seen } = await look([...good, "broken signing-key-of-tests 42"], {}, { secrets });
    expect(JSON.stringify(observations)).not.toContain("signing-key-of-tests");
    expect(seen("app-format").observed).toContain('3 of 4 lines; the first other one is "a a-a-a-a 0"');
    expect(seen("app-secrets").observed).toBe("a secret of the application in line 4");
  });

  it("shows of a line with an error no part of a secret either", async () => {
    const secret = "signing-key-of-tests-0123456789";
    const long = `2030-01-01T12:00:03.000Z | ERROR | main | ${"x".repeat(100)} ${secret}`;
    const { seen } = await look([...good, long], {}, { secrets: [secret] });
    expect(seen("app-errors").observed).toContain("ERROR");
    expect(seen("app-errors").observed).not.toContain("signing");
  });

  it("are inconclusive when there are none, and fail when there is no file", async () => {
    expect((await results([])).format).toBe("inconclusive");
    expect((await results(good.slice(0, 1))).errors).toBe("inconclusive");
    expect((await results(good, { file: "/nowhere/application.log" })).format).toBe("failed");
  });

  it("are the newest of a long log, each whole", async () => {
    const many = Array.from(
      { length: 3000 },
      (_, n) => `2030-01-01T12:00:01.000Z | INFO | main | ${"x".repeat(n % 900)}`,
    );
    const { facts, seen } = await look(["not in the format", ...many], { lines: 2999 });
    expect(facts.app).toMatchObject({ lines: 2999 });
    expect(seen("app-format").result).toBe("passed");
    expect((await look(["not in the format", ...many], { lines: 3001 })).seen("app-format").result).toBe(
      "failed",
    );
  });

  it("go on in the files before, back to the release, where there is a new one every day", async () => {
    const file = logFile([]);
    const day = (name: string, lines: string[], at: string) => {
      const path = join(dirname(file), name);
      writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
      utimesSync(path, new Date(at), new Date(at));
    };
    day("error-1.log", ["of the release before, in another form"], "2030-01-01T11:59:00Z");
    day("error-2.log", good.slice(0, 2), "2030-01-01T12:00:01Z");
    day("error-3.log", good.slice(2), "2030-01-02T12:00:01Z");
    day("error-4.log", [], "2030-01-03T12:00:01Z");
    const source = { file: join(dirname(file), "error-*.log") };
    const { seen, facts } = await look([], source);
    expect(seen("app-format").result).toBe("passed");
    expect(facts.app).toEqual({ lines: 3, newest: "2030-01-01T12:00:02.000Z" });
    expect((await look([], { ...source, lines: 2 })).facts.app).toMatchObject({ lines: 2 });
    expect((await look([], source, { since: [] })).seen("app-format").result).toBe("inconclusive");
  });

  const error = "2030-01-01T12:00:03.000Z | ERROR | main | first";
  const quiet = (count: number) => Array(count).fill("2030-01-01T12:00:04.000Z | INFO | main | ü");

  it.each([
    100, 200_000,
  ])("fail for an error since the release that %s others stand behind", async (count) => {
    const { seen, facts } = await look([...good, error, ...quiet(count)], { lines: 50 });
    expect(seen("app-errors")).toMatchObject({
      result: "failed",
      observed: `1 of ${count + 3} lines; the first: "${error}"`,
    });
    expect(facts.app).toMatchObject({ lines: 50 });
  });

  it("fail for an error since the release in a file that was rotated, and for none of another log", async () => {
    const file = logFile(quiet(2));
    const beside = (name: string, lines: string[]) => {
      writeFileSync(join(dirname(file), name), lines.join("\n"));
      utimesSync(join(dirname(file), name), new Date(released), new Date(released));
    };
    const seen = async () => (await look([], { file })).seen("app-errors");
    for (const name of ["application-worker-1.log", "application-1.log", "application10.log"])
      beside(name, [error]);
    beside("application.log.2", [...good]);
    expect((await seen()).result).toBe("passed");
    beside("20300101-01-application.log", [error, ...quiet(1)]);
    expect(await seen()).toMatchObject({
      result: "failed",
      observed: expect.stringContaining("1 of 6 lines"),
    });
  });

  it("fail for an error since the release in a file that was rotated and compressed; one that cannot be read fails too", async () => {
    const file = logFile(quiet(2));
    const beside = (name: string, bytes: Buffer) => {
      writeFileSync(join(dirname(file), name), bytes);
      utimesSync(join(dirname(file), name), new Date(released), new Date(released));
    };
    const seen = async (id: string) => (await look([], { file })).seen(id);
    beside("application.log.1.gz", gzipSync(`${[...good, error].join("\n")}\n`));
    expect(await seen("app-errors")).toMatchObject({
      result: "failed",
      observed: `1 of 5 lines; the first: "${error}"`,
    });
    beside("application.log.1.gz", gzipSync(`${[...good, error].join("\n")}\n`).subarray(0, 60));
    expect((await seen("app-format")).result).toBe("failed");
    rmSync(join(dirname(file), "application.log.1.gz"));
    beside("application.log.1.xz", Buffer.from("x"));
    expect(await seen("app-format")).toMatchObject({
      result: "failed",
      observed: expect.stringContaining('application.log.1.xz": compressed as .xz, want gzip to read it'),
    });
  });

  it("go on in the file before, back to the release, where it has just been rotated", async () => {
    const file = logFile([]);
    writeFileSync(file, "");
    writeFileSync(`${file}.1`, good.map((line) => `${line}\n`).join(""));
    writeFileSync(`${file}.2.gz`, gzipSync("2030-01-01T12:00:00.500Z | INFO | main | x\nnot in the format"));
    for (const [name, at] of [
      ["1", 2],
      ["2.gz", 1],
    ] as const)
      utimesSync(`${file}.${name}`, Date.parse(released) / 1000 + at, Date.parse(released) / 1000 + at);
    expect((await look([], { file, lines: 4 })).seen("app-format")).toMatchObject({
      result: "failed",
      observed: expect.stringContaining("3 of 4 lines"),
    });
    expect((await look([], { file, lines: 3 })).seen("app-format").result).toBe("passed");
  });

  it("are JSON with ids that tie them together", async () => {
    const line = (more: object) => JSON.stringify({ time: released, level: "info", ...more });
    const json = { pattern: undefined, json: {}, correlation: { field: "jobId", minimumPercent: 50 } };
    expect(await results([line({ jobId: "a" }), line({})], json)).toMatchObject({
      format: "passed",
      correlation: "passed",
    });
    expect(await results([line({ jobId: "a" }), line({}), line({})], json)).toMatchObject({
      correlation: "failed",
    });
    expect(await results([line({ jobId: "a" }), "{}"], json)).toMatchObject({ format: "failed" });
  });

  it.each([
    [86_400, "passed"],
    [1, "failed"],
  ])("may be %d s old: %s", async (freshSeconds, result) => {
    const line = `${new Date(Date.now() - 60_000).toISOString()} | INFO | main | x`;
    expect((await results([line], { freshSeconds }, { since: [] })).fresh).toBe(result);
  });

  it("are not fresh where their times lie ahead, as those of another time zone do", async () => {
    const line = `${new Date(Date.now() + 7_200_000).toISOString()} | INFO | main | x`;
    const { seen } = await look([line], { freshSeconds: 60 }, { since: [] });
    expect(seen("app-fresh")).toMatchObject({
      result: "failed",
      observed: "7200 s ahead of this machine's clock; is its time without a zone that of another one?",
    });
  });

  it.each([
    ["JSON", JSON.stringify({ key: 'a "signing" key' })],
    ["an address", `https://h/?key=${encodeURIComponent('a "signing" key')}`],
  ])("fail for a secret as it stands in %s", async (_where, text) => {
    const line = `2030-01-01T12:00:03.000Z | INFO | main | ${text}`;
    expect((await results([...good, line], {}, { secrets: ['a "signing" key'] })).secrets).toBe("failed");
  });
});

describe("a marker", () => {
  it.each([
    [true, "passed"],
    [false, "failed"],
  ])("is found in the log when the application writes it (%s): %s", async (writes, result) => {
    const file = logFile(good);
    await withServer(
      (request, response) => {
        if (writes) appendFileSync(file, `${released} | INFO | http | GET ${request.url}\n`);
        response.end("ok");
      },
      async (url) => {
        const marker = { url: `${url}/?id=\${marker}`, withinSeconds: 1 };
        const { seen } = await runStep(step, { sources: [{ name: "app", file, pattern, marker }] });
        expect(seen("app-marker").result).toBe(result);
      },
    );
  });
});

describe("rotation", () => {
  it.each([
    ["nothing had to be rotated", { "application.log.shipped": 1 }, "notApplicable"],
    ["older files are there", { "20300101-application.log": 100, "application.log.1": 90 }, "passed"],
    ["one is too large", { "application.log.1": 200 }, "failed"],
    [
      "others are other logs'",
      { "application.log.1": 1, "application-2.log": 200, "worker-application.log.1": 200 },
      "passed",
    ],
    [
      "there are too many",
      { "application.log.1": 1, "application.log.2": 1, "application.log.3": 1 },
      "failed",
    ],
  ])("%s: %o", async (_what, others, result) => {
    const file = logFile(["x"]);
    for (const [name, bytes] of Object.entries(others))
      writeFileSync(join(file, "..", name), "x".repeat(bytes));
    const rotation = { maximumBytes: 100, maximumFiles: 2 };
    const { seen } = await runStep(step, { sources: [{ name: "app", file, pattern, rotation }] });
    expect(seen("app-rotation").result).toBe(result);
  });
});

describe("rotation into files by day", () => {
  it.each([
    ["they are as they should be", { "day-1.log": 90, "day-2.log": 100 }, "passed"],
    ["one is too large", { "day-1.log": 200, "day-2.log": 1 }, "failed"],
    ["there are too many", { "day-1.log": 1, "day-2.log": 1, "day-3.log": 1, "day-4.log": 1 }, "failed"],
    ["there is none", {}, "failed"],
  ])("%s: %o", async (_what, files, result) => {
    const file = join(dirname(logFile([])), "day-*.log");
    for (const [name, bytes] of Object.entries(files))
      writeFileSync(join(file, "..", name), "x".repeat(bytes));
    const rotation = { maximumBytes: 100, maximumFiles: 2 };
    const { seen } = await runStep(step, { sources: [{ name: "app", file, pattern, rotation }] });
    expect(seen("app-rotation").result).toBe(result);
  });
});

describe("a log group", () => {
  it("is read since the release, and kept long enough", async () => {
    const client = new CloudWatchLogsClient({});
    const group = `/logs-test/${process.pid}`;
    await client.send(new CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: "one" }));
    await client.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 30 }));
    const now = Date.now();
    const event = (seconds: number, level: string) => ({
      timestamp: now + seconds * 1000,
      message: `${new Date(now + seconds * 1000).toISOString()} | ${level} | main | x`,
    });
    const logEvents = [event(-100, "ERROR"), event(-10, "INFO"), event(-5, "WARN")];
    await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: "one", logEvents }));
    client.destroy();
    const source = { name: "app", group, pattern, minimumRetentionDays: 30 };
    const since = [new Date(now - 50_000).toISOString()];
    const { seen, facts } = await runStep(step, { sources: [source], since });
    expect(facts.app).toMatchObject({ lines: 2 });
    expect([seen("app-errors").result, seen("app-retention").result]).toEqual(["passed", "passed"]);
    expect(seen("app-search")).toMatchObject({
      result: "passed",
      observed: expect.stringMatching(/^WARN at .*: 1 lines, 0 of them others$/),
    });
    const longer = await runStep(step, { sources: [{ ...source, minimumRetentionDays: 31 }] });
    expect(longer.seen("app-retention")).toMatchObject({ result: "failed", observed: "30 days" });
    expect(longer.seen("app-errors").result).toBe("failed");
    const missing = await runStep(step, { sources: [{ ...source, group: `${group}-missing` }] });
    expect([missing.seen("app-format").result, missing.seen("app-retention").result]).toEqual([
      "failed",
      "failed",
    ]);
  });
});

it("a log group is searched by the time at which it got a line, where that is not the line's own", async () => {
  const client = new CloudWatchLogsClient({});
  const group = `/logs-test-late/${process.pid}`;
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: "one" }));
  const written = Date.now() - 5_000;
  const logEvents = ["INFO", "WARN"].map((level, at) => ({
    timestamp: written + at * 1000 + 7,
    message: `${new Date(written + at * 1000).toISOString()} | ${level} | main | x`,
  }));
  await client.send(new PutLogEventsCommand({ logGroupName: group, logStreamName: "one", logEvents }));
  client.destroy();
  const { seen } = await runStep(step, { sources: [{ name: "app", group, pattern }] });
  expect(seen("app-search")).toMatchObject({
    result: "passed",
    observed: expect.stringMatching(/^WARN at .*: 1 lines, 0 of them others$/),
  });
});

describe("a log group that answers in pages", () => {
  /** Answers queries as CloudWatch does, which tells upper from lower case, so many events a page. */
  async function ran(lines: string[], source: object, aPage: number) {
    return await withServer(
      (_request, response, body) => {
        const { filterPattern = "", nextToken = "0" } = JSON.parse(body);
        const found = lines.filter((line) => line.includes(filterPattern.replaceAll('"', "")));
        const end = Number(nextToken) + aPage;
        const page = found.slice(Number(nextToken), end);
        const events = page.map((message) => ({ timestamp: Date.parse(JSON.parse(message).time), message }));
        response.setHeader("content-type", "application/x-amz-json-1.1");
        response.end(JSON.stringify({ events, ...(end < found.length ? { nextToken: String(end) } : {}) }));
      },
      async (url) => {
        for (const name of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]) vi.stubEnv(name, url);
        onTestFinished(() => void vi.unstubAllEnvs());
        return await runStep(step, { sources: [{ name: "app", group: "g", json: {}, ...source }] });
      },
    );
  }
  const line = (second: number) =>
    JSON.stringify({ time: `2030-01-01T12:00:${String(second).padStart(2, "0")}.000Z`, level: "info" });

  it("is searched for a level as the line has it", async () => {
    const { seen } = await ran([line(1)], {}, 10);
    expect(seen("app-search")).toMatchObject({
      result: "passed",
      observed: "INFO at 2030-01-01T12:00:01.000Z: 1 lines, 0 of them others",
    });
  });

  it("is searched for its newest line, and not for one that came a millisecond later and meanwhile", async () => {
    const at = (milliseconds: number) => Date.parse("2030-01-01T12:00:00.000Z") + milliseconds;
    const { seen } = await withServer(
      (_request, response, body) => {
        // The end is counted in.
        const { filterPattern, startTime, endTime = 0 } = JSON.parse(body);
        const events = [1, 2].map(at).filter((time) => filterPattern === undefined || time >= startTime);
        const there = events.filter((time) => time <= (filterPattern === undefined ? at(1) : endTime));
        response.setHeader("content-type", "application/x-amz-json-1.1");
        const messageAt = (time: number) => JSON.stringify({ time: new Date(time), level: "INFO" });
        response.end(
          JSON.stringify({
            events: there.map((timestamp) => ({ timestamp, message: messageAt(timestamp) })),
          }),
        );
      },
      async (url) => {
        for (const name of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"]) vi.stubEnv(name, url);
        onTestFinished(() => void vi.unstubAllEnvs());
        return await runStep(step, { sources: [{ name: "app", group: "g", json: {} }] });
      },
    );
    expect(seen("app-search")).toMatchObject({
      result: "passed",
      observed: "INFO at 2030-01-01T12:00:00.001Z: 1 lines, 0 of them others",
    });
  });

  it("fails for an error since the release that stands before its newest lines", async () => {
    const failed = JSON.stringify({ time: "2030-01-01T12:00:01.000Z", level: "error" });
    const { seen } = await ran([failed, ...[2, 3, 4].map(line)], { lines: 2 }, 2);
    expect(seen("app-errors").result).toBe("failed");
  });

  it("gives the newest lines, in whatever order they come", async () => {
    const seconds = [...Array(40).keys()];
    const { facts } = await ran([50, ...seconds].map(line), { lines: 3 }, 4);
    expect(facts.app).toEqual({ lines: 3, newest: "2030-01-01T12:00:50.000Z" });
  });
});

it.each([
  [{ lines: 100_000 }, { lines: 100_001 }],
  [{ pattern: "(?<time>x)" }, { pattern: "(" }],
  [{}, { group: "/a/b" }],
  [{}, { json: {} }],
  [{ rotation: { maximumBytes: 1, maximumFiles: 1 } }, { minimumRetentionDays: 30 }],
])("the inputs accept %j and refuse %j", (right, wrong) => {
  const of = (more: object) =>
    inputFaults(step, { sources: [{ name: "a", file: "a.log", pattern, ...more }] });
  expect(of(right)).toEqual([]);
  expect(of(wrong)).toHaveLength(1);
});
