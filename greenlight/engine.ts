// Which engine answers the word `pulumi` here: the official CLI when it is installed, else the embedded one.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { projectFolder } from "./project-folder.ts";

export type EngineChoice = "embedded" | "official";

export interface Engine {
  choice: EngineChoice;
  /** For people, e.g. `embedded engine` or `Pulumi CLI v3.260.0`. */
  label: string;
  command: PulumiCommand;
}

const EMBEDDED_ROOT = fileURLToPath(new URL("../local/engine", import.meta.url));

/** @throws when the official CLI is asked for and not on PATH. */
export async function engine(choice: EngineChoice): Promise<Engine> {
  if (choice === "embedded") {
    return { choice, label: "embedded engine", command: await PulumiCommand.get({ root: EMBEDDED_ROOT }) };
  }
  const version = officialVersion();
  if (version === undefined) {
    throw new Error("the Pulumi CLI is not on PATH; install it or leave the choice to the embedded engine");
  }
  return { choice, label: `Pulumi CLI ${version}`, command: await PulumiCommand.get() };
}

/** The official CLI where it is installed, else the embedded engine. */
export function availableEngine(): Promise<Engine> {
  return engine(officialVersion() === undefined ? "embedded" : "official");
}

/** A stack that there is already, on the engine that is available. @param directory folder of Pulumi.yaml, or one below it */
export async function existingStack(
  stackName: string,
  directory: string,
): Promise<{ engine: Engine; stack: Stack }> {
  const workDir = projectFolder(directory);
  const available = await availableEngine();
  return { engine: available, stack: await openStack(stackName, workDir, available) };
}

/**
 * A stack as it is, or with `create` made where there is none. Which one a `pulumi` without --stack is about stays its operator's
 * choice: the Automation API would select the one that is opened, and the next plain `pulumi up` would go there.
 * @param workDir folder of Pulumi.yaml @param envVars for the engine, above those of this process
 */
export async function openStack(
  stackName: string,
  workDir: string,
  { command: pulumiCommand }: Engine,
  { create = false, envVars = {} }: { create?: boolean; envVars?: { [name: string]: string } } = {},
): Promise<Stack> {
  const workspace = await LocalWorkspace.create({ workDir, pulumiCommand, envVars });
  // Fails as selecting does where there is no such stack.
  workspace.selectStack = async (name) => void (await workspace.exportStack(name));
  return create ? Stack.createOrSelect(stackName, workspace) : Stack.select(stackName, workspace);
}

// The second is also what a folder on PATH gives that this user may not look into, e.g. after `su`.
const NOT_THERE = ["ENOENT", "EACCES"];

/**
 * The version that the `pulumi` on PATH prints; undefined when there is none that this user may run, or when it is the embedded
 * engine itself.
 */
export function officialVersion(): string | undefined {
  try {
    const version = execFileSync("pulumi", ["version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return version.includes("greenlight") ? undefined : version;
  } catch (error) {
    if (error instanceof Error && "code" in error && NOT_THERE.includes(String(error.code))) return undefined;
    throw new Error(
      `the pulumi on PATH does not tell its version (${(error as Error).message}); repair it or take it from PATH`,
      { cause: error },
    );
  }
}
