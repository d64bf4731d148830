// What Pulumi.yaml says, or says wrongly, to the command line.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

let place: Workplace;
let written: string;
beforeAll(async () => {
  place = new Workplace();
  place.declare({ resources: [{ name: "a", kind: "dynamic", inputs: { v: "1" } }] });
  written = readFileSync(place.path("Pulumi.yaml"), "utf8");
  await place.must("stack", "init", "dev");
  await place.must("up", "--yes", "--skip-preview");
});
afterAll(() => place.close());

describe("a project file", { timeout: 60_000 }, () => {
  it.each([
    "preview",
    "up",
    "refresh",
    "destroy",
  ])("whose program is not there is told at once by %s", async (command) => {
    writeFileSync(place.path("Pulumi.yaml"), `${written}main: nowhere\n`);
    const flags = command === "preview" ? [] : ["--yes"];
    const { code, stderr } = await place.run([command, ...flags]);

    expect(stderr).toContain(`main "${place.path("nowhere")}" does not exist`);
    expect(code).toBe(1);
  });

  it.each([
    ["main: 5", "main must be a text, got 5"],
    ["stackConfigDir: [a]", 'stackConfigDir must be a text, got ["a"]'],
    ["options: {refresh: true}", 'options.refresh must be "always", got true'],
    ["options: {refesh: always}", "options must be a mapping with nothing but refresh"],
    ["backend: file://~", "backend must be a mapping with nothing but url"],
    ['requiredPulumiVersion: ">=99.0.0"', "requiredPulumiVersion: not supported by the embedded engine"],
  ])("with %s is refused", async (line, message) => {
    writeFileSync(place.path("Pulumi.yaml"), `${written}${line}\n`);
    const { code, stderr } = await place.run(["preview"]);

    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });

  it("of another project runs nothing on this one's stack, and neither makes nor renames one", async () => {
    writeFileSync(place.path("Pulumi.yaml"), written.replace("name: parity", "name: other"));
    const stack = "organization/parity/dev";
    for (const words of [
      ["preview", "--stack", stack],
      ["up", "--yes", "--stack", stack, "--config", "a=1"],
      ["destroy", "--yes", "--stack", stack],
      ["refresh", "--yes", "--stack", stack],
      ["stack", "init", "organization/parity/new"],
      ["stack", "rename", "--stack", stack, "new"],
    ]) {
      const { code, stderr } = await place.run(words);
      expect(stderr).toContain('provided project name "parity" doesn\'t match Pulumi.yaml');
      expect(code).toBe(1);
    }
    // Reading it is no harm.
    const { deployment } = JSON.parse(await place.must("stack", "export", "--stack", stack));
    expect(deployment.resources.length).toBe(3);
    expect(readFileSync(place.path("Pulumi.dev.yaml"), "utf8")).not.toContain(":a");
  });

  it("whose options for Node are wrong is told what Node said", async () => {
    const wrong = written.replace("options:\n", 'options:\n    nodeargs: "--no-such-option"\n');
    writeFileSync(place.path("Pulumi.yaml"), wrong);
    const { code, stdout } = await place.run(["preview"]);

    expect(stdout).toContain("bad option: --no-such-option");
    expect(stdout).toContain("Program exited with non-zero exit code: 9");
    expect(code).toBe(1);
  });

  it("has its defaults answered by config get", async () => {
    writeFileSync(
      place.path("Pulumi.yaml"),
      `${written}config:\n  size: {default: 3}\n  aws:region: eu-west-1\n  needed: {type: string}\n`,
    );
    expect(await place.must("config", "get", "size")).toBe("3\n");
    expect(await place.must("config", "get", "aws:region")).toBe("eu-west-1\n");
    expect((await place.run(["config", "get", "needed"])).stderr).toContain(
      "configuration key 'needed' not found for stack 'dev'",
    );
  });
});
