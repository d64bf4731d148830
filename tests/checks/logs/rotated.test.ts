import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { isRotated, rotatedOf } from "../../../checks/logs/rotated.ts";

describe("what a log was rotated into", () => {
  it.each([
    "application.log.1",
    "application.log.10.gz",
    "application.log-20300101",
    "application.log-20300101-1893456000.gz",
    "application.log.2030-01-01",
    "application.log.old",
    "application.log.gz",
    "20300101-application.log",
    "20300101-0102-03-application.log.gz",
    "application-20300101.log",
    "application-2030-01-01.log.gz",
    "application__2030-01-01_00-00-00.log",
    "application.1.log",
    "application.1.log.gz",
  ])("is told by its name: %s", (name) => {
    expect(isRotated(name, "application.log")).toBe(true);
  });

  it.each([
    "application.log",
    "application.log.shipped",
    "application.log.err",
    "application.log.1.tmp",
    "application-1.log",
    "application10.log",
    "application-worker-1.log",
    "worker-application.log",
    "worker-application.log.1",
    "application.pid",
    "application.json",
  ])("is not another file: %s", (name) => {
    expect(isRotated(name, "application.log")).toBe(false);
  });

  it("is not what a link of the log's name leads to, which is the log", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-rotated-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const day of ["20300101", "20300102"]) writeFileSync(join(folder, `application-${day}.log`), day);
    symlinkSync("application-20300102.log", join(folder, "application.log"));
    const namesOf = async (log: string) => (await rotatedOf(join(folder, log))).map(({ name }) => name);
    expect(await namesOf("application.log")).toEqual(["application-20300101.log"]);
    expect(await namesOf("application*.log")).toHaveLength(2);
  });

  it("is there once while it is being compressed, and whatever a name with a star means", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-rotated-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const files = ["day-1.log.gz", "day-2.log", "day-2.log.gz", "application.log.1", "application.log.1.gz"];
    for (const name of files) writeFileSync(join(folder, name), "x");
    const namesOf = async (log: string) =>
      (await rotatedOf(join(folder, log))).map(({ name }) => name).sort();
    expect(await namesOf("day-*.log")).toEqual(["day-1.log.gz", "day-2.log"]);
    expect(await namesOf("application.log")).toEqual(["application.log.1"]);
  });
});
