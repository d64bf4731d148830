import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startedPlugin } from "../../../local/engine/core/process-plugin.ts";
import { SdkProcesses } from "../../../local/engine/core/sdk-process.ts";

describe("a plugin's process", () => {
  it("that ended before it was wanted is told at once", async () => {
    const child = spawn(process.execPath, ["-e", ""], { stdio: ["ignore", "pipe", "pipe"] });
    await once(child, "exit");
    await expect(startedPlugin("pulumi-nodejs", child, () => {})).rejects.toThrow("ended with code 0");
  });
});

describe("a process of the SDK", () => {
  it("that the system did not start is told to who takes it", () => {
    const root = join(import.meta.dirname, "../../..");
    const programDirectory = join(root, "nowhere");
    const project = { name: "shop", root, programDirectory, entry: ".", runtimeOptions: {} };
    const processes = new SdkProcesses(project);
    processes.prepare("program");
    expect(() => processes.take("program")).toThrow(`cannot be started in ${programDirectory}`);
  });
});
