// The official Automation API driving the embedded engine: every call that a program around an update makes.
import * as pulumi from "@pulumi/pulumi";
import {
  LocalWorkspace,
  PulumiCommand,
  type Stack,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedRoot, passphrase, Workplace } from "../workplace.ts";

let place: Workplace;
let pulumiCommand: PulumiCommand;
const envVars = () => ({
  PULUMI_BACKEND_URL: `file://${place.backend}`,
  PULUMI_CONFIG_PASSPHRASE: passphrase,
  PARITY_TRACE: place.trace,
});

beforeAll(async () => {
  place = new Workplace();
  pulumiCommand = await PulumiCommand.get({ root: embeddedRoot });
});
afterAll(() => place.close());

describe("the Automation API on the embedded engine", () => {
  it("takes a program through its whole life", { timeout: 900_000 }, async () => {
    const workspace = { pulumiCommand, envVars: envVars(), pulumiHome: `${place.root}/home` };
    const stack: Stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "dev", workDir: place.project },
      workspace,
    );

    await stack.setConfig("color", { value: "red" });
    await stack.setConfig("token", { value: "s3cret-token", secret: true });
    await stack.setConfig("tree.list[0]", { value: "one" }, true);
    await stack.setAllConfig({ size: { value: "3" }, key: { value: "k=1,2", secret: true } });
    expect(await stack.getConfig("token")).toEqual({ value: "s3cret-token", secret: true });
    await stack.removeConfig("size");
    expect(Object.keys(await stack.getAllConfig())).toEqual([
      "parity:color",
      "parity:key",
      "parity:token",
      "parity:tree",
    ]);

    place.declare({
      resources: [
        {
          name: "a",
          kind: "dynamic",
          inputs: { v: { $config: ["color"] }, t: { $configSecret: ["token"] } },
        },
      ],
      outputs: { out: { $ref: "a.out" }, token: { $configSecret: ["token"] } },
    });
    const events: string[] = [];
    const preview = await stack.preview({
      onEvent: (event) => void events.push(Object.keys(event)[2] ?? ""),
    });
    expect(preview.changeSummary).toEqual({ create: 2 });
    expect(events.at(-2)).toBe("summaryEvent");

    const lines: string[] = [];
    const up = await stack.up({
      message: "first",
      onOutput: (text) => void lines.push(text),
      onEvent: () => undefined,
    });
    expect(up.outputs).toEqual({
      out: { value: "a:", secret: false },
      token: { value: "s3cret-token", secret: true },
    });
    expect(up.summary).toMatchObject({
      kind: "update",
      result: "succeeded",
      message: "first",
      resourceChanges: { create: 2 },
    });
    expect(up.summary.config["parity:key"]).toEqual({ value: "k=1,2", secret: true });
    expect(lines.join("")).toContain("2 created");
    expect(lines.join("")).not.toContain("s3cret-token");

    const again = await stack.up({ expectNoChanges: true });
    expect(again.summary.resourceChanges).toEqual({ same: 2 });
    expect((await stack.refresh()).summary.kind).toBe("refresh");
    expect(await stack.history()).toHaveLength(3);
    expect((await stack.info())?.version).toBe(3);

    const exported = await stack.exportStack();
    await stack.importStack(exported);
    expect((await stack.exportStack()).deployment.resources).toEqual(exported.deployment.resources);
    expect((await stack.workspace.listStacks()).map(({ name, current }) => [name, current])).toEqual([
      ["dev", true],
    ]);
    expect((await stack.workspace.whoAmI()).user).toBeTruthy();
    await stack.setTag("team", "blue");
    expect(await stack.listTags()).toMatchObject({ team: "blue" });

    await stack.cancel();
    expect((await stack.destroy()).summary).toMatchObject({
      kind: "destroy",
      resourceChanges: { delete: 2 },
    });
    await stack.workspace.removeStack("dev");
    await expect(stack.workspace.selectStack("dev")).rejects.toThrow(StackNotFoundError);
  });

  it("runs a program that lives in the calling process", { timeout: 900_000 }, async () => {
    const project = { name: "inline", runtime: "nodejs" as const };
    const program = async () => {
      const config = new pulumi.Config();
      return { greeting: pulumi.secret(`hello ${config.require("who")}`), stack: pulumi.getStack() };
    };
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "test", projectName: project.name, program },
      { pulumiCommand, envVars: envVars(), pulumiHome: `${place.root}/home`, projectSettings: project },
    );
    await stack.setConfig("who", { value: "world" });

    expect((await stack.preview()).changeSummary).toEqual({ create: 1 });
    const { outputs, summary } = await stack.up();
    expect(outputs).toEqual({
      greeting: { value: "hello world", secret: true },
      stack: { value: "test", secret: false },
    });
    expect(summary.resourceChanges).toEqual({ create: 1 });
    expect(await stack.outputs()).toEqual(outputs);
    await stack.destroy({ remove: true });
    expect((await stack.workspace.listStacks()).map(({ name }) => name)).not.toContain("test");
  });
});
