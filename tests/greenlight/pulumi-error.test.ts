// What is told where the engine's command failed: its own words, and none of the Automation API's.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pulumiError } from "../../greenlight/pulumi-error.ts";
import { startCommand } from "./support/command.ts";

const failed = (stderr: string) =>
  Object.assign(new Error(`code: -2\n stdout: \n stderr: ${stderr}\n`), { commandResult: { stderr } });

describe("what the engine said", () => {
  it("is told without the call and without inner codes", () => {
    const told = failed(
      "Command failed with exit code 255: pulumi preview\nwarning: old\nerror: incorrect passphrase\n",
    );
    expect(pulumiError(told)).toBe("incorrect passphrase");
  });

  it("is told whole where it names no error, and an error of another kind is its message", () => {
    expect(pulumiError(failed("Killed\n"))).toBe("Killed");
    expect(pulumiError(failed(""))).toContain("code: -2");
    expect(pulumiError(new Error("no such file"))).toBe("no such file");
  });

  it("says of a stack that is not there how to get one", async () => {
    const home = mkdtempSync(join(tmpdir(), "greenlight-no-stack-"));
    const backend = { PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "none" };
    const { code, text } = await startCommand(["report", "--stack", "nowhere"], backend).ended;
    rmSync(home, { recursive: true });
    expect(text).toBe(
      "greenlight report: no stack named 'nowhere' found, want one that there is; pulumi stack ls lists them, pulumi stack init makes one\n",
    );
    expect(code).toBe(1);
  });

  it("says the same of an update, which makes no stack and no file of a name with a slip in it", async () => {
    const home = mkdtempSync(join(tmpdir(), "greenlight-no-stack-"));
    writeFileSync(join(home, "Pulumi.yaml"), "name: orders\nruntime: nodejs\n");
    const backend = { PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "none" };
    const command = ["up", "--stack", "nowhere", "--yes", "--engine", "embedded", "-C", home];
    const { code, text } = await startCommand(command, backend).ended;
    const left = readdirSync(home).filter((name) => name.startsWith("Pulumi"));
    rmSync(home, { recursive: true });
    expect(text).toMatch(/^greenlight up: no stack named 'nowhere' found, want one that there is; /);
    expect(code).toBe(1);
    expect(left).toEqual(["Pulumi.yaml"]);
  });

  it("says of a call without a backend how to get the one of the local services", async () => {
    const command = ["verify", "--stack", "local", "-C", "examples/hv-consultores"];
    const { code, text } = await startCommand(command, { PULUMI_BACKEND_URL: "" }).ended;
    expect(text).toMatch(/^greenlight verify: no backend chosen; .*eval "\$\(npx greenlight local env\)"\n$/);
    expect(code).toBe(1);
  });
});
