import { appendFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogFile } from "../../agent/log-file.ts";
import { batchOf, Dating } from "../../agent/log-shipping.ts";

let folder = "";
let file = "";
const opened: LogFile[] = [];
const log = () => {
  const one = new LogFile(file);
  opened.push(one);
  return one;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "greenlight-log-"));
  file = join(folder, "application.log");
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await rm(folder, { recursive: true });
});

describe("a log file", () => {
  it("gives whole lines once, and the rest of a line when it is finished", async () => {
    const lines = log();
    expect(await lines.newLines()).toEqual([]);
    await writeFile(file, "one\ntwo\nthr");
    expect(await lines.newLines()).toEqual(["one", "two"]);
    await appendFile(file, "ee\n");
    expect(await lines.newLines()).toEqual(["three"]);
    expect(await lines.newLines()).toEqual([]);
  });

  it("is followed over a rotation without losing the old file's last lines", async () => {
    await writeFile(file, "one\n");
    const lines = log();
    expect(await lines.newLines()).toEqual(["one"]);
    await appendFile(file, "two\n");
    await rename(file, `${file}.1`);
    await writeFile(file, "three\n");
    expect(await lines.newLines()).toEqual(["two", "three"]);
  });

  it("is not continued by what its writer keeps beside it, such as its list of rotated files", async () => {
    await writeFile(file, "one\n");
    const lines = log();
    expect(await lines.newLines()).toEqual(["one"]);
    await rename(file, join(folder, "20300101-0000-01-application.log"));
    await writeFile(file, "");
    // As rotating-file-stream does it; nothing is written to the new file for hours.
    const later = new Date(Date.now() + 5000);
    for (const beside of ["txt", "lock"]) {
      await writeFile(`${file}.${beside}`, "20300101-0000-01-application.log\n");
      await utimes(`${file}.${beside}`, later, later);
    }
    expect(await lines.newLines()).toEqual([]);
    await writeFile(file, "two\n");
    expect(await lines.newLines()).toEqual(["two"]);
  });

  it("is read in the old file as long as nothing is written to the new one", async () => {
    await writeFile(file, "one\n");
    const lines = log();
    expect(await lines.newLines()).toEqual(["one"]);
    // As logrotate does it: the application is told only after the new file is there.
    await appendFile(file, "two\nthr");
    await rename(file, `${file}.1`);
    await writeFile(file, "");
    expect(await lines.newLines()).toEqual(["two"]);
    await appendFile(`${file}.1`, "ee\n");
    expect(await lines.newLines()).toEqual(["three"]);
    await appendFile(`${file}.1`, "four\n");
    await appendFile(file, "five\n");
    expect(await lines.newLines()).toEqual(["four", "five"]);
  });

  it("goes on where the place was kept, and repeats what was not dealt with", async () => {
    await writeFile(file, "one\n");
    const first = log();
    await first.newLines();
    await first.keepPlace();
    await appendFile(file, "two\n");
    await first.newLines();
    expect(await log().newLines()).toEqual(["two"]);
  });

  it("is read to its end after a rotation, also what comes in a burst and a last line that nobody finished", async () => {
    await writeFile(file, "one\n");
    const lines = log();
    await lines.newLines();
    // More than is read at once.
    const burst = "x\n".repeat(3 * 1024 * 1024);
    await appendFile(file, `${burst}unfinished`);
    await rename(file, `${file}.1`);
    await writeFile(file, "two\n");
    const seen = [await lines.newLines(), await lines.newLines()];
    expect(seen.map(({ length }) => length)).toEqual([2 * 1024 * 1024, 1024 * 1024 + 2]);
    expect(seen[1]?.slice(-2)).toEqual(["unfinished", "two"]);
    expect(await lines.newLines()).toEqual([]);
  });

  it("is found again where it was renamed while nobody read it", async () => {
    await writeFile(file, "one\n");
    const first = log();
    await first.newLines();
    await first.keepPlace();
    await appendFile(file, "two\n");
    await rename(file, `${file}.2026-05-04`);
    await writeFile(file, "three\n");
    expect(await log().newLines()).toEqual(["two", "three"]);
  });

  it("is read from its start where the place that was kept is damaged", async () => {
    await writeFile(file, "one\n");
    await writeFile(`${file}.shipped`, '{"inode":');
    expect(await log().newLines()).toEqual(["one"]);
  });

  it("gives a line longer than what is read at once in pieces", async () => {
    await writeFile(file, `${"y".repeat(5 * 1024 * 1024)}\nnext\n`);
    const lines = log();
    const first = await lines.newLines();
    expect(first.map(({ length }) => length)).toEqual([4 * 1024 * 1024]);
    expect((await lines.newLines()).map(({ length }) => length)).toEqual([1024 * 1024, 4]);
  });

  it("begins again when it is emptied in place", async () => {
    await writeFile(file, "one\ntwo\n");
    const lines = log();
    await lines.newLines();
    await writeFile(file, "new\n");
    expect(await lines.newLines()).toEqual(["new"]);
  });

  /** Rotates by numbers, the newest is 1; the old file was written to last at this second. */
  const rotate = async (second: number, next: string) => {
    await utimes(file, second, second);
    for (const number of [3, 2, 1])
      await rename(`${file}.${number}`, `${file}.${number + 1}`).catch(() => undefined);
    await rename(file, `${file}.1`);
    await writeFile(file, next);
  };

  it("is followed over several rotations between two looks, and while nobody read it", async () => {
    await writeFile(file, "one\n");
    const first = log();
    await first.newLines();
    await appendFile(file, "two\n");
    await rotate(1000, "three\n");
    await rotate(2000, "four\nunfinished");
    await rotate(3000, "five\n");
    // Neither another log, nor a copy, is one of these files.
    for (const name of [`${file}.1.gz`, `${file}.err`, join(folder, "worker-application.log")])
      await writeFile(name, "other\n");
    // As a file that vanishes between two questions, and a folder.
    await symlink(join(folder, "gone"), `${file}.9`);
    await mkdir(`${file}.d`);
    expect(await first.newLines()).toEqual(["two", "three", "four", "unfinished", "five"]);
    await first.keepPlace();
    await appendFile(file, "six\n");
    await rotate(4000, "seven\n");
    await rotate(5000, "eight\n");
    expect(await log().newLines()).toEqual(["six", "seven", "eight"]);
  });

  it("begins with the current file where nothing was read yet", async () => {
    await writeFile(file, "one\n");
    await rotate(1000, "two\n");
    expect(await log().newLines()).toEqual(["two"]);
  });

  it("says whether more is left in it", async () => {
    await writeFile(file, "x\n".repeat(3 * 1024 * 1024));
    const lines = log();
    const more = [];
    for (let look = 0; look < 2; look++) {
      await lines.newLines();
      more.push(lines.more);
    }
    expect(more).toEqual([true, false]);
  });
});

/** A batch of lines that are read now. */
const batch = (lines: string[], now: number) => batchOf(new Dating().events(lines, now));

describe("a batch", () => {
  it("takes each line's own time, in order, and now where there is none", () => {
    const lines = ["2026-05-04T09:00:01.000Z | INFO | b", "2026-05-04T09:00:00.500Z | INFO | a"];
    const now = Date.parse("2026-05-04T09:00:02Z");
    expect(batch(["plain", ...lines], now).map(({ message }) => message)).toEqual([
      lines[1],
      lines[0],
      "plain",
    ]);
    expect(batch(["plain", ...lines], now)[2]?.timestamp).toBe(now);
  });

  it("keeps a stack trace with its error, also of an old log, and after other lines as well", () => {
    const lines = [
      "2026-05-04T09:00:01Z | ERROR | b",
      "    at b",
      "2026-05-04T09:00:00Z | ERROR | a",
      "    at a",
    ];
    const now = Date.parse("2026-06-04T09:00:00Z");
    expect(batch(lines, now).map(({ message }) => message)).toEqual([2, 3, 0, 1].map((at) => lines[at]));
    const dating = new Dating();
    dating.events(lines, now);
    expect(dating.events(["    at c"], now)[0]?.timestamp).toBe(Date.parse("2026-05-04T09:00:00Z"));
    // A log with one time at its start only.
    const plain = dating.events(Array(1000).fill("plain"), now);
    expect([plain[997]?.timestamp, plain[998]?.timestamp]).toEqual([Date.parse("2026-05-04T09:00:00Z"), now]);
  });

  it.each([
    ['{"time":"2026-05-04T09:00:00.000Z","level":"info"}', "2026-05-04T09:00:00Z"],
    ['{"level":30,"time":1777885200000,"msg":"x"}', "2026-05-04T09:00:00Z"],
    ['{"level":"info", "timestamp": "2026-05-04T11:00:00+02:00"}', "2026-05-04T09:00:00Z"],
    ['{"@timestamp":"2026-05-04T09:00:00Z"}', "2026-05-04T09:00:00Z"],
    ['{"msg":"\\"time\\":1777885200000"}', undefined],
    ['{"msg":"x","time":12}', undefined],
  ])("takes the time of a JSON line: %s", (line, time) => {
    const now = 7;
    expect(batch([line], now)[0]?.timestamp).toBe(time === undefined ? now : Date.parse(time));
  });

  it("ends before a megabyte, and after 24 hours of events", () => {
    const long = "x".repeat(200_000);
    expect(batch(Array(10).fill(long), 0)).toHaveLength(4);
    const days = ["2026-05-04T09:00:00Z a", "2026-05-05T10:00:00Z b"];
    expect(batch(days, 0)).toHaveLength(1);
    // Each within a day of the first one, but not of each other.
    const around = ["2026-05-04T09:00:00Z a", "2026-05-03T10:00:00Z b", "2026-05-05T08:00:00Z c"];
    expect(batch(around, 0)).toHaveLength(2);
  });

  it("takes now where a line begins with a time that does not exist", () => {
    expect(batch(["2026-13-45T99:00:00Z a"], 7).map(({ timestamp }) => timestamp)).toEqual([7]);
  });
});
