// The release record on the emulator's S3.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeStored } from "../../checks/backup/stored.ts";
import { judgeStepTimes, judgeTime } from "../../checks/record/run.ts";
import { putOnce } from "../../checks/record/store.ts";
import { step } from "../../checks/record.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { stubAws } from "../support/aws.ts";
import { sharedServices } from "../support/services.ts";
import { withServer } from "./support/http-server.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

const BUCKET = "record-test";
let folder = "";
let s3: S3Client;

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  folder = await mkdtemp(join(tmpdir(), "greenlight-record-"));
  s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const outcome = (result: "passed" | "failed" | "inconclusive" = "passed") => ({
  result,
  observations: [{ id: "api", result, expected: "status 200", observed: "status 200" }],
  facts: { seconds: 1 },
  startedAt: "2026-01-01T00:00:00.000Z",
  finishedAt: "2026-01-01T00:00:01.000Z",
  durationSeconds: 1,
});
const inputs = (system: string) => ({
  bucket: BUCKET,
  system,
  stack: "local",
  release: "1.0.0",
  commit: "abc",
  steps: { health: outcome() },
  outputs: { flags: { queue: true } },
});
const textOf = async (key: unknown) =>
  (await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: String(key) }))).Body?.transformToString() ?? "";

describe("an object that is written once", () => {
  it("is stored where the answer to the first try was lost, or somebody else stored the same", async () => {
    const impatient = new S3Client({});
    impatient.middlewareStack.add(
      (next, { commandName }) =>
        async (given) => {
          const first = await next(given);
          return commandName === "PutObjectCommand" ? next(given) : first;
        },
      { step: "finalizeRequest", priority: "low" },
    );
    const signal = AbortSignal.timeout(60_000);
    const put = (client: S3Client, text: string) =>
      putOnce(client, { bucket: BUCKET }, "snapshots/twice/same.json.gz", Buffer.from(text), signal);
    const stored = await put(impatient, "the project");
    expect(stored).toMatchObject({ observation: { result: "passed" }, versionId: expect.any(String) });
    expect((await put(s3, "the project")).observation.result).toBe("passed");
    expect((await put(s3, "another project")).observation.result).toBe("failed");
  });

  it("is not stored in a bucket whose versions are suspended, which calls each of them null", async () => {
    await withServer(
      ({ method, url }, response) => {
        response.setHeader("x-amz-version-id", "null");
        if (url?.includes("lifecycle")) response.end("<LifecycleConfiguration></LifecycleConfiguration>");
        else response.end(method === "PUT" ? "" : "{}");
      },
      async (url) => {
        stubAws(url);
        const client = new S3Client({ forcePathStyle: true });
        const signal = AbortSignal.timeout(60_000);
        const stored = await putOnce(client, { bucket: "suspended" }, "one.json", Buffer.from("{}"), signal);
        expect(stored).toMatchObject({ observation: { result: "failed" }, versionId: null });
        const uploaded = { sizeBytes: 2, compositeSha256: "" };
        const wanted = { bucket: "suspended", key: "one.json", uploaded, sealed: false, retentionDays: 1 };
        const seen = await judgeStored(client, wanted, signal);
        expect(seen.find(({ id }) => id === "exists")).toMatchObject({
          result: "failed",
          observed: expect.stringContaining("version none"),
        });
      },
    );
  });
});

describe("record", () => {
  it("keeps what was proved, names the record before it, and writes the same to a file", async () => {
    const first = await runStep(step, inputs("orders"));
    expect(first.seen("stored").result).toBe("passed");
    expect(first.seen("chained")).toMatchObject({
      result: "notApplicable",
      observed: "this is the first record",
    });
    const file = join(folder, "deep", "record.json");
    const second = await runStep(step, { ...inputs("orders"), file });
    expect(second.seen("chained")).toMatchObject({ result: "passed" });
    const text = (await textOf(second.facts.key)) ?? "";
    expect(await readFile(file, "utf8")).toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      system: "orders",
      stack: "local",
      release: "1.0.0",
      commit: "abc",
      previous: { key: first.facts.key, sha256: first.facts.sha256 },
      steps: { health: { result: "passed", facts: { seconds: 1 } } },
      outputs: { flags: { queue: true } },
    });
  });

  it("keeps the settings by path, and no commits where the revision is none of a repository", async () => {
    const settings = { "greenlight:system.name": "orders", "greenlight:cache.url": "secret:0a1b" };
    const { facts } = await runStep(step, { ...inputs("settled"), settings });
    expect(JSON.parse(await textOf(facts.key))).toMatchObject({ settings, commits: [] });
  });

  it("fails when an earlier record was changed, and says which", async () => {
    const first = await runStep(step, inputs("changed"));
    await runStep(step, inputs("changed"));
    const text = (await textOf(first.facts.key)).replace("passed", "failed");
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: String(first.facts.key), Body: text }));
    const { seen } = await runStep(step, inputs("changed"));
    expect(seen("chained").result).toBe("failed");
    expect(seen("chained").observed).toContain(`want ${first.facts.key} with`);
  });

  it("fails when an earlier record was taken away, the first one included", async () => {
    const first = await runStep(step, inputs("removed"));
    await runStep(step, inputs("removed"));
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: String(first.facts.key) }));
    const { seen } = await runStep(step, inputs("removed"));
    expect(seen("chained")).toMatchObject({ result: "failed" });
    expect(seen("chained").observed).toContain(`names ${first.facts.key}, which is gone`);
  });

  it.each([
    "failed",
    "inconclusive",
  ] as const)("fails when a step is %s, and keeps the record all the same", async (result) => {
    const { seen, facts } = await runStep(step, {
      ...inputs("bad"),
      steps: { smoke: outcome(result), health: outcome() },
    });
    expect(seen("steps")).toMatchObject({ result: "failed", observed: `smoke ${result}` });
    expect(await textOf(facts.key)).toContain(`"${result}"`);
  });

  it("lets through what was waived or advisory, and says what", async () => {
    const accepted = ["count: 2, want 3; waived by Ana until 2030-01-01: known"];
    const steps = { smoke: { ...outcome("failed"), accepted }, health: outcome() };
    const { seen, facts } = await runStep(step, { ...inputs("accepted"), steps });
    expect(seen("steps")).toMatchObject({
      result: "passed",
      observed: `2 steps, 2 observations; accepted: smoke ${accepted[0]}`,
    });
    expect(JSON.parse(await textOf(facts.key))).toMatchObject({
      result: "passed",
      steps: { smoke: { result: "failed", accepted } },
    });
  });

  it("fails when no step is recorded, or the bucket keeps no versions", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: "record-test-plain" }));
    const { seen } = await runStep(step, { ...inputs("plain"), bucket: "record-test-plain", steps: {} });
    expect(seen("steps").result).toBe("failed");
    expect(seen("stored")).toMatchObject({ result: "failed" });
  });

  it("refuses names that are no part of a key", () => {
    expect(inputFaults(step, inputs("orders"))).toEqual([]);
    expect(inputFaults(step, inputs("a/b"))).toHaveLength(1);
  });

  it("takes what steps proved and the settings as JSON, too, and holds them to the same form", () => {
    const settings = { "greenlight:system.name": "orders" };
    const plain = { ...inputs("orders"), settings };
    const told = { ...plain, steps: JSON.stringify(plain.steps), settings: JSON.stringify(settings) };
    expect(step.inputs().parse(told)).toEqual(step.inputs().parse(plain));
    for (const steps of ["{", '{"health":{"result":"fine"}}', "[]"])
      expect(inputFaults(step, { ...told, steps })).toHaveLength(1);
  });

  it("judges the time of a whole update on both sides of its limit", () => {
    const time = { startedAt: "2026-01-01T00:00:00.000Z", maximumMinutes: 60 };
    expect(judgeTime(time, new Date("2026-01-01T00:59:59.999Z"))).toMatchObject({
      result: "passed",
      expected: "the whole deployment in less than 60 min",
    });
    expect(judgeTime(time, new Date("2026-01-01T01:00:00.000Z")).result).toBe("failed");
  });

  it.each([
    [2, "time-health passed 1.0 s"],
    [1, "time-health failed 1.0 s"],
  ])("judges the time of a step with a limit of %s s", (health, expected) => {
    const [seen] = judgeStepTimes({ maximumStepSeconds: { health }, steps: { health: outcome() } });
    expect(`${seen?.id} ${seen?.result} ${seen?.observed}`).toBe(expected);
  });

  it("takes a step that nobody ran for one that was not in time", () => {
    const [seen] = judgeStepTimes({ maximumStepSeconds: { migration: 300 }, steps: { health: outcome() } });
    expect(seen).toMatchObject({ id: "time-migration", result: "failed", observed: "no such step ran" });
  });
});
