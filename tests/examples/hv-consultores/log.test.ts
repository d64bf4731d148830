// Log lines, their rotation, and what never stands in them.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PartFault } from "../../../examples/parts/faults.ts";
import { openLog, renderLine } from "../../../examples/parts/log.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hv-log-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const time = new Date("2026-01-11T08:00:00Z");

function open(
  name: string,
  change: Partial<{ level: "debug" | "warn"; maxBytes: number; maxFiles: number }> = {},
) {
  const log = {
    level: "info" as const,
    file: join(folder, name),
    maxBytes: 10_485_760,
    maxFiles: 30,
    ...change,
  };
  return openLog(log, ["top-secret-value"], new Set<PartFault>());
}

describe("a log line", () => {
  it("is timestamp | level | component | message with its metadata", () => {
    expect(renderLine(time, "info", "queue", "Queue processing started", { job_count: 100 })).toBe(
      '2026-01-11T08:00:00.000Z | INFO | queue | Queue processing started {"job_count":100}',
    );
  });

  it("is one line of four fields whatever the message holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        const line = renderLine(time, "warn", "http", message);
        expect(line.split("\n")).toHaveLength(1);
        expect(line.split(" | ").slice(0, 3)).toEqual(["2026-01-11T08:00:00.000Z", "WARN", "http"]);
        expect(line.split("|")).toHaveLength(4);
      }),
    );
  });
});

describe("the log file", () => {
  it("holds what is at or above its level", async () => {
    const log = open("level.log", { level: "warn" });
    const logger = log.component("main");
    logger.debug("one");
    logger.info("two");
    logger.warn("three");
    logger.error("four");
    await log.close();
    const text = await readFile(join(folder, "level.log"), "utf8");
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => line.split(" | ")[3]),
    ).toEqual(["three {}", "four {}"]);
  });

  it("never holds a secret, neither in messages nor in metadata", async () => {
    const log = open("secret.log");
    log.component("main").info("value top-secret-value", { url: "https://x/?k=top-secret-value" });
    await log.close();
    const text = await readFile(join(folder, "secret.log"), "utf8");
    expect(text).not.toContain("top-secret-value");
    expect(text).toContain("[secret]");
  });

  it("is rotated at its size, and only so many files are kept", async () => {
    const log = open("rotated.log", { maxBytes: 1_000, maxFiles: 3 });
    const logger = log.component("main");
    for (let line = 0; line < 200; line++) {
      logger.info("x".repeat(100));
      // A rotation renames files: it happens between writes, not within them.
      await new Promise(setImmediate);
    }
    await log.close();
    const kept = (await readdir(folder)).filter((name) => name.endsWith("rotated.log"));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThanOrEqual(4);
  });
});
