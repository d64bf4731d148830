// Copies of logs, made in the emulator's buckets and read back.
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { step } from "../../checks/log-archive.ts";
import * as redaction from "../../checks/step/redaction.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

vi.mock("../../checks/step/redaction.ts", { spy: true });

const BUCKET = "greenlight-log-archive";
const pattern = "(?<time>\\S+) \\| (?<level>[A-Z]+) \\| .*";
let folder = "";

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  folder = await mkdtemp(join(tmpdir(), "greenlight-log-archive-"));
  await new S3Client({}).send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const line = (number: number) => `2030-01-01T12:00:00.000Z | INFO | line ${number}`;

/** Archives a log of so many lines, and more that is said. */
async function archive(count: number, more: object = {}) {
  const file = join(folder, `application-${count}.log`);
  await writeFile(file, Array.from({ length: count }, (_, index) => `${line(index + 1)}\n`).join(""));
  const sources = [{ name: "application", file, pattern }];
  return runStep(step, { sources, bucket: BUCKET, release: "2.1.0", ...more });
}

async function copyOf({ facts }: Awaited<ReturnType<typeof archive>>): Promise<string> {
  const { application } = facts.copies as { application: string };
  const { Body } = await new S3Client({}).send(new GetObjectCommand({ Bucket: BUCKET, Key: application }));
  return (await Body?.transformToString()) ?? "";
}

it("copies the last 1000 lines of a log under the release's name and reads size and digest back", async () => {
  const ran = await archive(1200);
  const copy = await copyOf(ran);
  expect(copy.split("\n").slice(0, -1)).toEqual(
    Array.from({ length: 1000 }, (_, index) => line(index + 201)),
  );
  const sha256 = createHash("sha256").update(copy).digest("hex");
  expect(ran.seen("archived-application")).toMatchObject({
    result: "passed",
    expected: `the last 1000 lines of application in s3://${BUCKET}/, size and SHA-256 as sent`,
    observed: expect.stringContaining(
      `1000 lines, ${copy.length} bytes, SHA-256 ${sha256} as s3://${BUCKET}/2.1.0/`,
    ),
  });
});

it("copies again where another log is to be copied", () => {
  const rerun = (names: string[]) => {
    const sources = names.map((name) => ({ name, file: `${name}.log`, pattern }));
    const given = step.inputs().parse({ sources, bucket: BUCKET, release: "2.1.0" });
    return typeof step.rerun === "function" ? step.rerun(given) : undefined;
  };
  expect(rerun(["application", "worker"])).not.toEqual(rerun(["application"]));
});

it("copies as many lines as there are, or as are asked for", async () => {
  expect((await copyOf(await archive(3))).split("\n")).toHaveLength(4);
  expect(await copyOf(await archive(5, { lines: 1 }))).toBe(`${line(5)}\n`);
});

it("takes secrets out of the copy", async () => {
  const copy = await copyOf(await archive(2, { secrets: ["| line 2"], release: "2.1.1" }));
  expect(copy).toContain("line 1");
  expect(copy).not.toContain("line 2");
});

it("makes ready for the secrets once, and not for each line", async () => {
  const made = vi.spyOn(redaction, "redactor");
  await archive(2, { release: "2.1.2" });
  const ofTwo = made.mock.calls.length;
  await archive(50, { release: "2.1.2" });
  expect(made.mock.calls.length).toBe(2 * ofTwo);
});

it("fails when the log is empty, is not there, or the bucket is not", async () => {
  expect((await archive(0)).seen("archived-application").result).toBe("failed");
  const sources = [{ name: "application", file: join(folder, "no-such.log"), pattern }];
  const missing = await runStep(step, { sources, bucket: BUCKET, release: "2.1.0" });
  expect(missing.seen("archived-application")).toMatchObject({
    result: "failed",
    observed: expect.stringContaining("ENOENT"),
  });
  const nowhere = await archive(1, { bucket: "greenlight-no-such-bucket" });
  expect(nowhere.seen("archived-application").result).toBe("failed");
});

it("is told how many lines, from 1 to 100000", () => {
  const given = { sources: [{ name: "a", file: "a", pattern }], bucket: BUCKET, release: "1" };
  for (const lines of [1, 100_000]) expect(inputFaults(step, { ...given, lines })).toEqual([]);
  for (const lines of [0, 100_001, 1.5]) expect(inputFaults(step, { ...given, lines })).not.toEqual([]);
});
