// Which engine answers the word `pulumi` here: the official CLI when it is installed, else the embedded one.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
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
  const stack = await LocalWorkspace.selectStack(
    { stackName, workDir },
    { pulumiCommand: available.command },
  );
  return { engine: available, stack };
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
