// The log to a service that does not answer, where it waits in its file and not in memory, and to one that does.
import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Dating, LogShipping } from "../../agent/log-shipping.ts";
import { withServer } from "../checks/support/http-server.ts";
import { stubAws } from "../support/aws.ts";
import { folderOf } from "../support/folder.ts";

const { signal } = new AbortController();

it("leaves lines in the file while too many wait, and drops none of a burst", async () => {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-shipping-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "application.log");
  stubAws("http://127.0.0.1:9");
  // One reading of the file, with an error in it.
  await writeFile(file, `ERROR\n${"x\n".repeat(2 * 1024 * 1024 - 3)}`);
  const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
  onTestFinished(() => shipping.close());
  await expect(shipping.ship(signal)).rejects.toThrow("ECONNREFUSED");
  expect(shipping.takeErrors()).toBe(1);
  await appendFile(file, "ERROR\n");
  await expect(shipping.ship(signal)).rejects.toThrow("ECONNREFUSED");
  expect(shipping.takeErrors()).toBeUndefined();
});

/** Takes whatever it is sent, as CloudWatch Logs does, and tells what it was sent. */
async function withLogs(act: (sent: { timestamp: number; message: string }[]) => Promise<void>) {
  const sent: { timestamp: number; message: string }[] = [];
  await withServer(
    (request, response, body) => {
      if (/PutLogEvents/.test(String(request.headers["x-amz-target"])))
        sent.push(...JSON.parse(body).logEvents);
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end("{}");
    },
    async (url) => {
      stubAws(url);
      await act(sent);
    },
  );
}

it("knows of no number of errors where the log cannot be read", async () => {
  const file = join(folderOf({}), "application.log");
  await withLogs(async () => {
    const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
    onTestFinished(() => shipping.close());
    await shipping.ship(signal);
    expect(shipping.takeErrors()).toBe(0);
    // As one of another user, whose rights cannot be tried as root.
    await mkdir(file);
    await expect(shipping.ship(signal)).rejects.toThrow("EISDIR");
    expect(shipping.takeErrors()).toBeUndefined();
  });
});

it("tells once where the file that was read last was compressed or removed while nobody read it", async () => {
  const file = join(folderOf({}), "application.log");
  const ship = async () => {
    const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
    await shipping.ship(signal).finally(() => shipping.close());
  };
  await withLogs(async (sent) => {
    await writeFile(file, "one\n");
    await ship();
    await appendFile(file, "two\n");
    await rename(file, `${file}.1`);
    await writeFile(file, "three\n");
    await rm(`${file}.1`);
    await expect(ship()).rejects.toThrow(`the file that was read last is gone from beside ${file}`);
    await ship();
    expect(sent.map(({ message }) => message)).toEqual(["one", "three"]);
  });
});

it("ships a large file in one look, with times that are kept from one look to the next", async () => {
  const file = join(folderOf({}), "application.log");
  await withLogs(async (sent) => {
    const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
    onTestFinished(() => shipping.close());
    const old = "2026-05-04T09:00:00.000Z";
    // More than is read at once.
    const lines = Array.from({ length: 9000 }, (_, at) => `${old} | INFO | ${at} ${"x".repeat(1000)}`);
    await writeFile(file, `${lines.join("\n")}\n${old} | ERROR | failed\n`);
    await shipping.ship(signal);
    expect(sent.map(({ message }) => message)).toEqual([...lines, `${old} | ERROR | failed`]);
    await appendFile(file, "    at work (file.js:1)\n");
    await shipping.ship(signal);
    expect(sent.at(-1)).toEqual({ timestamp: Date.parse(old), message: "    at work (file.js:1)" });
  });
});

it("gives a line whose time is before 1970 that of the line before it, since the service refuses such a time with all lines beside it", () => {
  const lines = [
    "2026-05-04T09:00:00Z started",
    "0001-01-01T00:00:00Z expired",
    '{"time":"0001-01-01T00:00:00Z","level":"error"}',
    "1969-12-31T23:59:59Z late",
  ];
  const time = Date.parse("2026-05-04T09:00:00Z");
  expect(new Dating().events(lines, 5).map(({ timestamp }) => timestamp)).toEqual([time, time, time, time]);
  expect(new Dating().events(["1970-01-01T00:00:00Z"], 5)).toEqual([
    { timestamp: 0, message: "1970-01-01T00:00:00Z" },
  ]);
});

it("tells that lines were refused for their times, once, and ships the others", async () => {
  const file = join(folderOf({ "application.log": "9999-05-04T09:00:00Z too new\n" }), "application.log");
  const sent: string[] = [];
  await withServer(
    (_request, response, body) => {
      const { logEvents = [] } = JSON.parse(body) as { logEvents?: { timestamp: number; message: string }[] };
      sent.push(...logEvents.map(({ message }) => message));
      const tooNew = logEvents.findIndex(({ timestamp }) => timestamp > Date.now() + 7_200_000);
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(
        JSON.stringify(tooNew < 0 ? {} : { rejectedLogEventsInfo: { tooNewLogEventStartIndex: tooNew } }),
      );
    },
    async (url) => {
      stubAws(url);
      const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
      onTestFinished(() => shipping.close());
      await expect(shipping.ship(signal)).rejects.toThrow("lines refused for their times");
      await appendFile(file, "2026-05-04T09:00:00Z in time\n");
      await shipping.ship(signal);
      expect(sent).toEqual(["9999-05-04T09:00:00Z too new", "2026-05-04T09:00:00Z in time"]);
    },
  );
});

it("makes the stream again that somebody removed, and ships what was refused meanwhile", async () => {
  const folder = folderOf({ "application.log": "one\n" });
  const file = join(folder, "application.log");
  const sent: string[] = [];
  let isThere = false;
  await withServer(
    (request, response, body) => {
      const { logEvents = [] } = JSON.parse(body) as { logEvents?: { message: string }[] };
      if (/CreateLogStream/.test(String(request.headers["x-amz-target"]))) isThere = true;
      if (isThere) sent.push(...logEvents.map(({ message }) => message));
      response.writeHead(isThere ? 200 : 400, { "content-type": "application/x-amz-json-1.1" });
      response.end(
        JSON.stringify(isThere ? {} : { __type: "ResourceNotFoundException", message: "no stream" }),
      );
    },
    async (url) => {
      stubAws(url);
      const shipping = new LogShipping({ file, group: "/some/group", errorPattern: "ERROR" }, "machine");
      onTestFinished(() => shipping.close());
      await shipping.ship(signal);
      isThere = false;
      await appendFile(file, "two\n");
      await expect(shipping.ship(signal)).rejects.toThrow("no stream");
      await shipping.ship(signal);
      expect(sent).toEqual(["one", "two"]);
    },
  );
});
