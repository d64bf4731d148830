// One deployment of a stack, from preview to report, on either engine through Pulumi's Automation API.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, LocalWorkspace, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type Checklist, readChecklist } from "../report/checklist.ts";
import { assemble, type Report } from "../report/report.ts";
import { stepsOf } from "../report/steps.ts";
import type { Engine } from "./engine.ts";
import { type Progress, Progression } from "./progress.ts";

export interface DeploymentOptions {
  engine: Engine;
  /** Folder of the system's Pulumi.yaml. */
  directory: string;
  stack: string;
  /** Variables for the engine, the program and its steps. */
  environment: Record<string, string>;
  /** The command that a person runs to try again. */
  retry: string;
  onPreview(progress: Progress): void;
  onUpdate(progress: Progress): void;
  /** The preview is over: what would change. */
  onPlanned(plan: Progression): void;
}

/** Previews and updates the stack; a failed update gives a report too. */
export async function deploy(options: DeploymentOptions): Promise<Report> {
  const startedAt = new Date();
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: options.stack, workDir: options.directory },
    { pulumiCommand: options.engine.command, envVars: options.environment },
  );
  const preview = new Progression(options.onPreview);
  const refused = await failureOf(stack.preview({ onEvent: (event) => preview.see(event), color: "never" }));
  options.onPlanned(preview);
  if (refused) return reportOf(options, stack, preview, preview, startedAt, problems(preview, refused));
  const update = new Progression(options.onUpdate);
  const failed = await failureOf(stack.up({ onEvent: (event) => update.see(event), color: "never" }));
  return reportOf(options, stack, preview, update, startedAt, failed ? problems(update, failed) : []);
}

/** The error of a command that ran and failed; anything else is thrown on. */
async function failureOf(command: Promise<unknown>): Promise<CommandError | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}

function problems(seen: Progression, failure: CommandError): string[] {
  const told = seen.errors.filter((error) => !/^(update|preview) failed$/.test(error));
  return told.length > 0 ? told : [failure.message];
}

async function reportOf(
  options: DeploymentOptions,
  stack: Stack,
  preview: Progression,
  seen: Progression,
  startedAt: Date,
  errors: string[],
): Promise<Report> {
  const { deployment } = await stack.exportStack();
  const outputs = await stack.outputs();
  const plain = Object.entries(outputs).filter(([, output]) => !output.secret);
  const values = Object.fromEntries(plain.map(([name, output]) => [name, output.value]));
  const { name: system } = await stack.workspace.projectSettings();
  return assemble({
    system,
    stack: options.stack,
    release: String(values.release ?? "unknown"),
    engine: options.engine.label,
    startedAt,
    finishedAt: new Date(),
    changes: seen.changes,
    steps: stepsOf(deployment),
    planned: preview.planned,
    visited: seen.visited,
    ran: seen.ran,
    ...(await checklistOf(options.directory)),
    outputs: values,
    errors,
    ...(errors.length > 0 ? { next: options.retry } : {}),
  });
}

async function checklistOf(directory: string): Promise<{ checklist?: Checklist }> {
  const file = join(directory, "checklist.yaml");
  try {
    return { checklist: readChecklist(await readFile(file, "utf8"), file) };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}
