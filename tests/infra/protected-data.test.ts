// The engine's own answer for every type that holds data: an update that would delete one or make it anew is refused, and names
// what it would take. The resources are those that a complete production stack protects.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { provision } from "../../infra/estate.ts";
import { readSettings } from "../../infra/settings.ts";
import { stackOf } from "./steps/base.ts";
import { planned } from "./support/planned.ts";
import { sourceOf } from "./support/source.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** A change of each type that only a new one can have. */
const MADE_ANEW: { [type: string]: { [input: string]: unknown } } = {
  "aws:cloudwatch/logGroup:LogGroup": { name: "/other" },
  "aws:elasticache/replicationGroup:ReplicationGroup": { replicationGroupId: "other" },
  "aws:kms/key:Key": { customerMasterKeySpec: "RSA_2048" },
  "aws:s3/bucket:Bucket": { bucket: "other-bucket" },
  "postgresql:index/database:Database": { encoding: "SQL_ASCII" },
  "random:index/randomPassword:RandomPassword": { length: 20 },
};

interface Held {
  type: string;
  name: string;
  inputs: { [name: string]: unknown };
  outs: { [name: string]: unknown };
}

let directory: string;
let held: Held[];

const urnOf = ({ type, name }: Pick<Held, "type" | "name">) => `urn:pulumi:test::protected::${type}::${name}`;
const packageOf = (type: string) => type.split(":")[0] ?? "";

/** What a preview of the program with these resources says; it must fail. */
async function refused(resources: Pick<Held, "type" | "name" | "inputs">[]): Promise<string> {
  await writeFile(join(directory, "resources.json"), JSON.stringify(resources));
  try {
    await pulumi("preview", "--stack", "test");
  } catch (error) {
    return error instanceof Error && "stdout" in error ? String(error.stdout) : "";
  }
  throw new Error("the preview was accepted");
}

async function pulumi(...words: string[]): Promise<string> {
  const env = {
    PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}`,
    HOME: directory,
    PULUMI_BACKEND_URL: `file://${join(directory, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "of the test",
    AWS_REGION: "us-east-1",
  };
  const command = join(root, "local/engine/bin/pulumi");
  return (await run(command, words, { cwd: directory, env, maxBuffer: 1e8 })).stdout;
}

/** The state of a stack that holds the resources. */
function stateOf(resources: Held[]) {
  const stack = "urn:pulumi:test::protected::pulumi:pulumi:Stack::protected-test";
  const providers = [...new Set(resources.map(({ type }) => packageOf(type)))].map((name) => ({
    urn: `urn:pulumi:test::protected::pulumi:providers:${name}::default`,
    custom: true,
    id: `${name}-provider`,
    type: `pulumi:providers:${name}`,
    inputs: {},
    outputs: {},
  }));
  const made = resources.map((one) => ({
    urn: urnOf(one),
    custom: true,
    id: one.name,
    type: one.type,
    inputs: one.inputs,
    outputs: one.outs,
    parent: stack,
    protect: true,
    provider: `urn:pulumi:test::protected::pulumi:providers:${packageOf(one.type)}::default::${packageOf(one.type)}-provider`,
  }));
  const manifest = { time: "2030-01-01T00:00:00Z", magic: "", version: "" };
  const first = { urn: stack, custom: false, type: "pulumi:pulumi:Stack" };
  return { version: 3, deployment: { manifest, resources: [first, ...providers, ...made] } };
}

beforeAll(async () => {
  const config = Object.fromEntries(
    Object.entries(stackOf("system")).map(([name, value]) => [`greenlight:${name}`, value]),
  );
  const text = stringify({ config: { "aws:region": "us-east-1", ...config } });
  const { after } = await planned(() => provision(readSettings(sourceOf(text, { stack: "production" }))));
  held = [...after.values()].filter(({ isProtected }) => isProtected);
  directory = await mkdtemp(join(tmpdir(), "greenlight-protected-"));
  await cp(join(import.meta.dirname, "fixtures/protected"), directory, { recursive: true });
  await mkdir(join(directory, "state"));
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  await writeFile(join(directory, "package.json"), '{"type":"module"}');
  await pulumi("stack", "init", "test");
  await writeFile(join(directory, "state.json"), JSON.stringify(stateOf(held)));
  await pulumi("stack", "import", "--file", "state.json", "--stack", "test");
}, 180_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe("what holds data", { timeout: 180_000 }, () => {
  it("is of types that the test knows how to make anew", () => {
    expect([...new Set(held.map(({ type }) => type))].sort()).toEqual(Object.keys(MADE_ANEW));
  });

  it("is not deleted by an update that no longer names it", async () => {
    const said = await refused([]);
    for (const one of held) expect(said).toContain(`"${urnOf(one)}" cannot be deleted`);
  });

  it("is not made anew by an update that asks for what only a new one can have", async () => {
    const said = await refused(
      held.map(({ type, name, inputs }) => ({ type, name, inputs: { ...inputs, ...MADE_ANEW[type] } })),
    );
    for (const one of held) expect(said).toContain(`unable to replace resource "${urnOf(one)}"`);
  });

  it("can be deleted once its protection was lifted on purpose", async () => {
    await pulumi("state", "unprotect", "--all", "--yes", "--stack", "test");
    await writeFile(join(directory, "resources.json"), "[]");
    const said = await pulumi("preview", "--stack", "test");
    expect(said).toContain(`${held.length} to delete`);
  });
});
