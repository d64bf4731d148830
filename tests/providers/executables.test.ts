// The plugin executables: the official CLI's way to the same providers, spoken to through Pulumi's own protocol.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { grpcPlugin } from "../../local/engine/core/grpc-plugin.ts";
import type { Plugin } from "../../local/engine/core/plugin.ts";
import { environment, postgresqlConfiguration, urnOf } from "./support/providers.ts";

const bin = join(import.meta.dirname, "../../local/providers/bin");
const running: { child: ChildProcess; plugin: Plugin }[] = [];

afterEach(async () => {
  for (const { child, plugin } of running.splice(0)) {
    await plugin.cancel();
    await plugin.close();
    expect(child.signalCode ?? child.exitCode).not.toBeNull();
  }
});

/** Starts an executable as an engine does: the first line is the port. */
async function start(name: string, variables: Record<string, string> = {}): Promise<Plugin> {
  const child = spawn(join(bin, `pulumi-resource-${name}`), ["127.0.0.1:1"], {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (!child.stdout) throw new Error("no stdout");
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  const stop = async () => {
    child.kill("SIGINT");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  const plugin = grpcPlugin(`127.0.0.1:${port}`, stop);
  running.push({ child, plugin });
  return plugin;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const call = (type: string) => ({ urn: urnOf(type, "thing"), name: "thing", type });
const timing = { timeoutSeconds: 0, preview: false };
const seed = new Uint8Array(32).fill(3);

describe("an executable", () => {
  it("ends when the engine that started it was killed", async () => {
    const command = `"${join(bin, "pulumi-resource-random")}" 127.0.0.1:1 & echo $!; wait`;
    const engine = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: engine.stdout });
    const said: string[] = [];
    for await (const line of lines) if (said.push(line) === 2) break;
    const plugin = Number(said[0]);
    engine.kill("SIGKILL");
    try {
      await expect.poll(() => isRunning(plugin), { timeout: 10_000 }).toBe(false);
    } finally {
      if (isRunning(plugin)) process.kill(plugin, "SIGKILL");
    }
  });
});

describe("pulumi-resource-random", () => {
  it("makes a value, keeps it and replaces it when a keeper changes", async () => {
    const plugin = await start("random");
    const resource = call("random:index/randomString:RandomString");
    const provider = { ...call("pulumi:providers:random"), id: "p" };
    expect(await plugin.configure(provider, {})).toEqual({
      acceptSecrets: false,
      acceptResources: false,
      supportsPreview: false,
    });
    const { inputs } = await plugin.check(resource, {}, { length: 12, keepers: { a: "1" } }, seed);
    const { id, outputs } = await plugin.create({ ...resource, ...timing }, inputs);
    expect(outputs).toMatchObject({ result: id, length: 12 });
    expect((await plugin.read({ ...resource, id, timeoutSeconds: 0 }, inputs, outputs)).outputs).toEqual(
      outputs,
    );
    const next = await plugin.check(resource, inputs, { length: 12, keepers: { a: "2" } }, seed);
    expect(
      await plugin.diff({ ...resource, id, ignoreChanges: [] }, inputs, outputs, next.inputs),
    ).toMatchObject({
      changes: "some",
      replaceKeys: ["keepers"],
      detailedDiff: { "keepers.a": { diffKind: "update-replace" } },
    });
  });
});

describe("pulumi-resource-aws", () => {
  it("makes, reads and deletes a bucket on the emulator", async () => {
    const plugin = await start("aws", await environment());
    const resource = call("aws:s3/bucket:Bucket");
    await plugin.configure(
      { ...call("pulumi:providers:aws"), id: "p" },
      { region: "us-east-1", version: "7" },
    );
    const { inputs } = await plugin.check(resource, {}, { tags: { team: "checkout" } }, seed);
    const { id, outputs } = await plugin.create({ ...resource, ...timing }, inputs);
    expect(outputs).toMatchObject({ bucket: id, arn: `arn:aws:s3:::${id}`, tagsAll: { team: "checkout" } });
    await plugin.delete({ ...resource, id, timeoutSeconds: 0 }, inputs, outputs);
    expect((await plugin.read({ ...resource, id, timeoutSeconds: 0 }, inputs, outputs)).id).toBe("");
  });

  it("refuses an unsupported property, and an endpoint that is elsewhere", async () => {
    const plugin = await start("aws", {
      AWS_ENDPOINT_URL: "https://s3.amazonaws.com",
      AWS_REGION: "us-east-1",
    });
    const { failures } = await plugin.check(call("aws:s3/bucket:Bucket"), {}, { acl: "public-read" }, seed);
    expect(failures.map(({ property }) => property)).toEqual(["acl"]);
    const provider = { ...call("pulumi:providers:aws"), id: "p" };
    await expect(plugin.configure(provider, {})).rejects.toThrow("use the Pulumi CLI");
  });

  it("says what exists already when it could not finish", async () => {
    const plugin = await start("aws", await environment());
    await plugin.configure({ ...call("pulumi:providers:aws"), id: "p" }, {});
    const bucket = call("aws:s3/bucket:Bucket");
    const made = await plugin.check(bucket, {}, { objectLockEnabled: true }, seed);
    const { id, outputs } = await plugin.create({ ...bucket, ...timing }, made.inputs);
    // The bucket has object lock already; a retention needs its versioning on, too.
    const versioning = call("aws:s3/bucketVersioning:BucketVersioning");
    const off = await plugin.check(
      versioning,
      {},
      { bucket: id, versioningConfiguration: { status: "Suspended" } },
      seed,
    );
    await plugin.create({ ...versioning, ...timing }, off.inputs);
    const lock = call("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
    const rule = { defaultRetention: { mode: "GOVERNANCE", days: 1 } };
    const { inputs } = await plugin.check(lock, {}, { bucket: id, rule }, seed);
    const failure = await plugin.create({ ...lock, ...timing }, inputs).catch((error: unknown) => error);
    expect(failure).toMatchObject({ id, reasons: [expect.stringContaining("InvalidBucketState")] });
    await plugin.delete({ ...bucket, id, timeoutSeconds: 0 }, made.inputs, outputs);
  });
});

describe("pulumi-resource-postgresql", () => {
  it("connects as the provider resource says, secrets included", async () => {
    const plugin = await start("postgresql");
    const resource = call("postgresql:index/role:Role");
    const provider = { ...call("pulumi:providers:postgresql"), id: "p" };
    const { password, ...open } = await postgresqlConfiguration();
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value: String(password),
    };
    const config = { ...JSON.parse(JSON.stringify(open)), password: secret };
    expect(await plugin.checkConfig(provider, {}, config)).toEqual({ inputs: config, failures: [] });
    await plugin.configure(provider, config);
    const { inputs } = await plugin.check(resource, {}, { login: true }, seed);
    const { id, outputs } = await plugin.create({ ...resource, ...timing }, inputs);
    expect(outputs).toMatchObject({ name: id, login: true });
    await plugin.delete({ ...resource, id, timeoutSeconds: 0 }, inputs, outputs);
    expect((await plugin.read({ ...resource, id, timeoutSeconds: 0 }, inputs, outputs)).id).toBe("");
  });
});
