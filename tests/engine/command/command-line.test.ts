// What a person types: exit codes, refusals by name, locks, texts. One stack serves all tests, in order.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

const TOKEN = "s3cret-token-value";
let place: Workplace;
beforeAll(async () => {
  place = new Workplace();
  place.declare({
    resources: [{ name: "a", kind: "dynamic", inputs: { v: "1", t: { $configSecret: ["token"] } } }],
    outputs: { plain: { $ref: "a.out" }, token: { $configSecret: ["token"] } },
    program: { print: `say: the token is ${TOKEN}` },
  });
  await place.must("stack", "init", "dev");
});
afterAll(() => place.close());

const stateFile = () => join(place.backend, ".pulumi/stacks/parity/dev.json");
const everyFile = () =>
  readdirSync(place.backend, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

const statesIn = (checkpoint: string) => JSON.parse(checkpoint).checkpoint.latest.resources;

describe("the command line", { timeout: 300_000 }, () => {
  it.each([
    [["up", "--bogus"], 1, "unknown flag: --bogus"],
    [["up"], 2, "--yes or --skip-preview must be passed in"],
    [["preview", "--stack", "absent"], 6, "no stack named 'absent' found"],
    [["stack", "init", "dev"], 1, "stack 'organization/parity/dev' already exists"],
    [["stack", "init", "a b"], 1, 'stack "a b": a stack name is'],
    [["stack", "output", "absent"], 1, "does not have output property 'absent'"],
    [["config", "get", "absent"], 1, "configuration key 'absent' not found for stack 'dev'"],
    [["stack", "tag", "get", "toString"], 1, "stack tag 'toString' not found for stack 'dev'"],
    [
      ["stack", "export", "--file", "/dev/null/state.json"],
      1,
      'file "/dev/null/state.json": cannot be written',
    ],
    [["config", "set", "a:b:c", "x"], 1, "want NAME or NAMESPACE:NAME"],
    [["preview", "--parallel", "0"], 1, 'invalid argument "0" for "--parallel" flag'],
    [["preview", "-C", "/absent"], 1, 'folder "/absent": cannot be entered'],
    [["frobnicate"], 1, 'unknown command "frobnicate"'],
  ])("%j exits with %i", async (args, code, message) => {
    const result = await place.run(args);

    expect(result.stderr).toContain(message);
    expect(result.code).toBe(code);
  });

  // Where nobody may write, root neither.
  it.runIf(process.platform === "linux")(
    "names the file that the machine does not let it write",
    async () => {
      const environment = { PULUMI_BACKEND_URL: "file:///sys" };
      const { code, stderr } = await place.run(["stack", "init", "dev"], { environment });

      expect(stderr).toMatch(
        /^error: E(ACCES|PERM|ROFS): .* '\/sys\/\.pulumi'; want it writable for this user, on a disk with room\n$/,
      );
      expect(code).toBe(1);
    },
  );

  it.each([
    [["import", "a", "b", "c"], 'command "import"'],
    [["login"], 'command "login"'],
    [["policy", "ls"], 'command "policy"'],
    [["preview", "--policy-pack", "x"], "flag --policy-pack"],
    [["up", "--plan", "x"], "flag --plan"],
    [["destroy", "--run-program"], "flag --run-program"],
    [["stack", "init", "other", "--secrets-provider", "awskms://x"], 'secrets provider "awskms"'],
    [["stack", "output", "--shell"], "flag --shell"],
  ])("%j is refused by name", async (args, name) => {
    const { code, stderr } = await place.run(args);

    expect(stderr).toBe(`error: ${name}: not supported by the embedded engine; use the Pulumi CLI\n`);
    expect(code).toBe(1);
  });

  it("refuses a backend that is not a folder, and a passphrase that is wrong or missing", async () => {
    const backend = await place.run(["stack", "ls"], { environment: { PULUMI_BACKEND_URL: "s3://bucket" } });
    expect(backend.stderr).toContain('backend "s3://bucket": not supported by the embedded engine');
    const wrong = await place.run(["preview"], { environment: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
    expect([wrong.code, wrong.stderr]).toEqual([1, "error: incorrect passphrase\n"]);
    const missing = await place.run(["preview"], { environment: { PULUMI_CONFIG_PASSPHRASE: undefined } });
    expect(missing.stderr).toContain("passphrase must be set with PULUMI_CONFIG_PASSPHRASE");
  });

  it("shows an update with its outputs and counts, and never a secret", async () => {
    await place.must("config", "set", "--secret", "token", TOKEN);
    await place.must("config", "set", "color", "red");
    const preview = await place.must("preview", "--diff");
    const up = await place.must("up", "--yes", "--message", "first");

    expect(preview).toContain("    + pulumi-nodejs:dynamic:Resource: (create)");
    expect(preview).toMatch(/t: \[secret\]/);
    expect(up).toContain("Previewing update (dev):");
    expect(up).toContain("Updating (dev):");
    expect(up).toMatch(/ \+ {2}pulumi-nodejs:dynamic:Resource a created \(\d/);
    expect(up).toContain("    say: the token is [secret]");
    expect(up).toContain('Outputs:\n    plain: "a:"\n    token: [secret]\n');
    expect(up).toMatch(/Resources:\n {4}\+ 2 created\n\nDuration: \d+s\n/);
    const told = [preview, up, ...everyFile(), readFileSync(place.path("Pulumi.dev.yaml"), "utf8")];
    expect(told.filter((text) => text.includes(TOKEN))).toEqual([]);
  });

  it("prints outputs hidden unless asked for", async () => {
    expect(JSON.parse(await place.must("stack", "output", "--json"))).toEqual({
      plain: "a:",
      token: "[secret]",
    });
    expect(await place.must("stack", "output", "token", "--show-secrets")).toBe(`${TOKEN}\n`);
    expect(await place.must("config", "get", "token")).toBe(`${TOKEN}\n`);
    expect(await place.must("config")).toContain("token  [secret]");
  });

  it("exports into the file that is named, also through a link", async () => {
    symlinkSync(place.path("state.json"), place.path("link.json"));
    await place.must("stack", "export", "--file", place.path("link.json"));

    expect(lstatSync(place.path("link.json")).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(place.path("state.json"), "utf8")).version).toBe(3);
  });

  it("previews with the values that are given to it, and keeps them, as an update does", async () => {
    await place.must("preview", "--config", "origins=a,b", "-c", "size=2");

    expect(await place.must("config", "get", "origins")).toBe("a,b\n");
    expect(await place.must("config", "get", "size")).toBe("2\n");
    await place.must("config", "rm-all", "origins", "size");
  });

  it("prints previews and updates as JSON", async () => {
    place.declare({
      resources: [{ name: "a", kind: "dynamic", inputs: { v: "2", t: { $configSecret: ["token"] } } }],
    });
    const text = await place.must("preview", "--json");
    const document = JSON.parse(text);
    expect(document.changeSummary).toEqual({ same: 1, update: 1 });
    expect(document.steps.map((step: { op: string }) => step.op)).toEqual(["same", "same", "update"]);
    expect(document.steps[2].newState.inputs).toMatchObject({ v: "2", t: "[secret]" });
    const lines = (await place.must("up", "--yes", "--json")).trim().split("\n");
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index));
    expect(events.at(-2)?.summaryEvent.resourceChanges).toEqual({ same: 1, update: 1 });
    expect(text + lines.join()).not.toContain(TOKEN);
  });

  it.skipIf(!existsSync("/dev/full"))("carries an update through whose log has no room", async () => {
    place.declare({ resources: [{ name: "a", kind: "dynamic", inputs: { v: "2b" } }] });
    const { code, stdout, stderr } = await place.run([
      ...["up", "--yes", "--skip-preview", "--event-log", "/dev/full"],
    ]);

    expect(stderr).toBe(
      'error: event log "/dev/full": is not whole (ENOSPC: no space left on device, write); the command itself went on\n',
    );
    expect([code, stdout.includes("~ 1 updated")]).toEqual([1, true]);
  });

  it("exits with 7 when changes were not expected, after applying them", async () => {
    place.declare({ resources: [{ name: "a", kind: "dynamic", inputs: { v: "3" } }] });
    const { code, stderr } = await place.run(["up", "--yes", "--skip-preview", "--expect-no-changes"]);

    expect([code, stderr]).toEqual([7, "error: no changes were expected but changes occurred\n"]);
    expect(place.calls().at(-1)).toBe("update a");
  });

  it("exits with 255 when a check refuses a preview, with 1 when it refuses an update", async () => {
    const before = readFileSync(stateFile(), "utf8");
    const check = [{ property: "v", reason: "too small" }];
    place.declare({
      resources: [{ name: "a", kind: "dynamic", inputs: { v: "4" } }],
      behave: { a: { check } },
    });
    const preview = await place.run(["preview"]);
    const up = await place.run(["up", "--yes", "--skip-preview"]);
    place.declare({ resources: [{ name: "a", kind: "dynamic", inputs: { v: "3" } }] });

    expect([preview.code, up.code]).toEqual([255, 1]);
    expect(preview.stdout).toContain("property v has a problem: too small");
    expect(statesIn(readFileSync(stateFile(), "utf8"))).toEqual(statesIn(before));
  });

  it("waits for nobody: a stack locked by someone else is refused until cancelled", async () => {
    const folder = join(place.backend, ".pulumi/locks/organization/parity/dev");
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "x.json"),
      JSON.stringify({ pid: 1, username: "ann", hostname: "far", timestamp: "now" }),
    );
    const before = readFileSync(stateFile(), "utf8");
    const { code, stderr } = await place.run(["up", "--yes", "--skip-preview"]);

    expect(code).toBe(1);
    expect(stderr).toContain("the stack is currently locked by 1 lock(s)");
    expect(stderr).toContain("created by ann@far (pid 1)");
    expect(readFileSync(stateFile(), "utf8")).toBe(before);
    await place.must("cancel", "--yes");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("touches nothing when the state was cut short", async () => {
    const whole = readFileSync(stateFile(), "utf8");
    writeFileSync(stateFile(), whole.slice(0, -10));
    const calls = place.calls().length;
    const { code, stderr } = await place.run(["up", "--yes", "--skip-preview"]);
    const after = readFileSync(stateFile(), "utf8");
    writeFileSync(stateFile(), whole);

    expect(code).toBe(1);
    expect(stderr).toContain("not a whole JSON document; restore it from");
    expect([after, place.calls().length]).toEqual([whole.slice(0, -10), calls]);
  });

  it("renames a stack with its history, and removes it only when it is empty", async () => {
    await place.must("stack", "rename", "prod");
    const { deployment } = await place.export("--stack", "prod");
    expect(deployment.resources?.[0]?.urn).toBe("urn:pulumi:prod::parity::pulumi:pulumi:Stack::parity-prod");
    const past: { version: number }[] = JSON.parse(await place.must("stack", "history", "--json"));
    expect(past.length).toBe(5);
    // A name before the one that it had: what is done from now on is still the newest.
    await place.must("stack", "rename", "a");
    await place.must("up", "--yes", "--skip-preview", "--message", "newest");
    expect(JSON.parse(await place.must("stack", "history", "--json"))).toMatchObject([
      { version: 6, message: "newest" },
      ...past.map(({ version }) => ({ version })),
    ]);
    await place.must("stack", "rename", "prod");
    await place.must("up", "--yes", "--skip-preview", "--expect-no-changes");
    const { code, stderr } = await place.run(["stack", "rm", "prod", "--yes"]);
    expect([code, stderr.includes("still has resources; removal rejected")]).toEqual([1, true]);
    await place.must("destroy", "--yes");
    await place.must("stack", "rm", "prod", "--yes");
    expect(JSON.parse(await place.must("stack", "ls", "--json"))).toEqual([]);
    // The next one of this name begins without a past.
    await place.must("stack", "init", "prod");
    expect(JSON.parse(await place.must("stack", "history", "--json"))).toEqual([]);
  });

  it("runs where a company's proxy is set, which is never asked for this machine", async () => {
    place.declare({ resources: [] });
    const proxy = "http://127.0.0.1:1";
    const environment = {
      HTTP_PROXY: proxy,
      http_proxy: proxy,
      https_proxy: proxy,
      no_proxy: "a.example.com, b",
    };
    const { code, stdout } = await place.run(["preview"], { environment });
    expect([code, stdout.includes("proxy")]).toEqual([0, false]);
  });

  it("removes a stack that holds nothing but itself", async () => {
    place.declare({ resources: [] });
    await place.must("up", "--yes", "--skip-preview");
    expect((await place.export()).deployment.resources).toHaveLength(1);
    await place.must("stack", "rm", "prod", "--yes");
    expect(JSON.parse(await place.must("stack", "ls", "--json"))).toEqual([]);
  });
});
