// The local providers under the embedded engine: an unchanged Pulumi program, from its first `up` to its `destroy`.

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { directoryVariable } from "../support/services.ts";
import { configured, environment, postgresqlConfiguration, urnOf } from "./support/providers.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const BUCKET = "aws:s3/bucket:Bucket";

describe("a stack on all three providers", { timeout: 180_000 }, () => {
  let directory: string;
  let variables: Record<string, string | undefined>;

  beforeAll(async () => {
    variables = { ...process.env, ...(await environment()) };
    // Inside the project, so that the program finds its packages; the engine writes beside the program.
    directory = await mkdtemp(join(process.env[directoryVariable] ?? root, "stack-"));
    await cp(join(import.meta.dirname, "fixtures/stack"), directory, { recursive: true });
    variables = {
      ...variables,
      PULUMI_BACKEND_URL: `file://${directory}`,
      PULUMI_CONFIG_PASSPHRASE: "of the test",
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
    };
    await pulumi("stack", "init", "test");
    const server = Object.entries(await postgresqlConfiguration()).flatMap(([key, value]) => [
      key === "password" ? "--secret" : "--plaintext",
      `server.${key}=${value}`,
    ]);
    await pulumi("config", "set-all", "--stack", "test", "--path", ...server);
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function pulumi(...words: string[]): Promise<string> {
    const command = join(root, "local/engine/bin/pulumi");
    const { stdout } = await run(command, words, { cwd: directory, env: variables, maxBuffer: 1e8 });
    return stdout;
  }

  /** How many resources each kind of step took. */
  async function changes(command: "up" | "refresh" | "destroy"): Promise<Record<string, number>> {
    const lines = await pulumi(command, "--yes", "--skip-preview", "--json", "--stack", "test");
    const events = lines
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const summary = events.find(({ summaryEvent }) => summaryEvent !== undefined);
    const { resourceChanges } = summary.summaryEvent;
    return resourceChanges;
  }

  const outputs = async () =>
    JSON.parse(await pulumi("stack", "output", "--json", "--show-secrets", "--stack", "test"));

  it("is created", async () => {
    expect(await changes("up")).toEqual({ create: 7 });
    const { bucketName, roleName } = await outputs();
    expect(bucketName).toMatch(/^files-[0-9a-f]{7}$/);
    expect(roleName).toMatch(/^application-[0-9a-f]{7}$/);
  });

  it("has nothing to change on the next run", async () => {
    expect(await changes("up")).toEqual({ same: 7 });
    expect(await changes("refresh")).toEqual({ same: 7 });
  });

  it("holds no secret in plain text in its state", async () => {
    const { secret } = await outputs();
    const { password } = await postgresqlConfiguration();
    const state = await readFile(join(directory, ".pulumi/stacks/providers/test.json"), "utf8");
    expect(state).toContain("files-");
    expect(state).not.toContain(secret);
    expect(state).not.toContain(password);
  });

  it("shows on refresh what somebody else changed, and brings it back", async () => {
    const { bucketName } = await outputs();
    const aws = await configured("aws");
    const urn = urnOf(BUCKET, "other");
    const outs = (await aws.read(bucketName, urn, {})).props;
    await aws.update(bucketName, urn, outs, { bucket: bucketName, tags: { stage: "lost" } });
    expect(await changes("refresh")).toEqual({ update: 1, same: 6 });
    expect(await changes("up")).toEqual({ update: 1, same: 6 });
    expect((await aws.read(bucketName, urn, {})).props).toMatchObject({ tags: { stage: "test" } });
    await aws.cancel();
  });

  it("replaces what cannot be changed, and updates what depends on it", async () => {
    const before = await outputs();
    await pulumi("config", "set", "--stack", "test", "length", "24");
    expect(await changes("up")).toEqual({ replace: 1, update: 1, same: 5 });
    const after = await outputs();
    expect(after.secret).toHaveLength(24);
    expect(after).toMatchObject({ roleName: before.roleName, bucketName: before.bucketName });
  });

  it("leaves nothing behind", async () => {
    const { bucketName, roleName } = await outputs();
    expect(await changes("destroy")).toEqual({ delete: 7 });
    const aws = await configured("aws");
    expect((await aws.read(bucketName, urnOf(BUCKET, "gone"), {})).id).toBe("");
    await aws.cancel();
    const postgresql = await configured("postgresql");
    expect((await postgresql.read(roleName, urnOf("postgresql:index/role:Role", "gone"), {})).id).toBe("");
    await postgresql.cancel();
  });
});
