// One deployment of a stack, from preview to report, on either engine through Pulumi's Automation API.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, type Deployment, type Stack } from "@pulumi/pulumi/automation/index.js";
import { type Checklist, readChecklist } from "../report/checklist.ts";
import { outputsOf } from "../report/outputs.ts";
import { assemble, type Report, type ReportParts } from "../report/report.ts";
import { type StepReport, stepsOf } from "../report/steps.ts";
import { type Engine, openStack } from "./engine.ts";
import { inFolder } from "./in-folder.ts";
import { withEngine } from "./interruption.ts";
import { refuseLocked } from "./locked.ts";
import { type Progress, Progression } from "./progress.ts";
import { newestRecords, recordPlace } from "./records/bucket.ts";
import { durationsOf } from "./records/durations.ts";
import { recordFailure } from "./records/failure.ts";
import { fromRecords } from "./records/report.ts";
import { makeRepository } from "./repository.ts";
import { type Gate, gateOf } from "./sign-off/gate.ts";
import { makePeople, signAsPeople } from "./sign-off/people.ts";
import { systemOf } from "./system-name.ts";
import { tellFailure } from "./tell-failure.ts";

const MOST_COMPARED = 8;

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
  /** The preview passed: what will change. `false` ends it there, with the report of the stack as it is. */
  onPlanned(plan: Progression): undefined | boolean | Promise<boolean>;
}

/**
 * Previews and updates the stack; a failed update gives a report too.
 * @throws naming the holder when another update has the stack's lock
 */
export async function deploy(options: DeploymentOptions): Promise<Report> {
  const startedAt = new Date();
  const [stack, people] = await Promise.all([
    stackOf(options),
    makePeople(options.directory, options.stack, options.environment),
    makeRepository(options),
    // Its faults are told before anything is touched.
    checklistOf(options.directory),
  ]);
  const preview = new Progression(options.onPreview);
  const gates: Gate[] = [];
  const expected = expectedDurations(stack);
  const refused = await failureOf(
    withEngine((signal) =>
      stack.preview({
        onEvent: (event) => {
          preview.see(event);
          gates.push(...[gateOf(event) ?? []].flat());
        },
        color: "never",
        signal,
      }),
    ),
  );
  const told = {
    directory: options.directory,
    engine: options.engine.label,
    startedAt,
    planned: preview.planned,
  };
  // What a preview looked at was not run.
  if (refused || (await options.onPlanned(preview)) === false)
    return reportOf(stack, await stack.exportStack(), {
      ...told,
      ...ended(preview, refused, options.retry),
      ran: new Set(),
      underWay: {},
    });
  options.onUpdate({ event: "planned", steps: preview.planned, expected: await expected });
  const update = new Progression(options.onUpdate);
  const signing = gates.map((gate) => people && signAsPeople(people, gate));
  await Promise.all(signing);
  const failed = await failureOf(
    withEngine((signal) =>
      stack.up({
        onEvent: (event) => {
          update.see(event);
          const gate = gateOf(event);
          // What is accepted afterwards is known only now; its gate waits a little for the signatures.
          if (people && gate)
            signing.push(
              signAsPeople(people, gate).catch((error: Error) => void update.errors.push(error.message)),
            );
        },
        color: "never",
        signal,
      }),
    ),
  );
  await Promise.all(signing);
  // Another update or rollback is at it: this one changed nothing and leaves no record.
  refuseLocked(failed, options.stack);
  const state = await stack.exportStack();
  const report = await reportOf(stack, state, { ...told, ...ended(update, failed, options.retry) });
  if (failed) await keepFailure(stack, state, report, options.directory, options.environment);
  return report;
}

/** What failed is told and recorded, too; that it could not be is one more error, and must not hide why it failed. */
export async function keepFailure(
  stack: Stack,
  { deployment }: Deployment,
  report: Report,
  directory: string,
  environment: { [name: string]: string },
): Promise<void> {
  report.notices.push(...(await tellFailure(deployment, report)));
  await recordFailure(stack, deployment, report, directory, environment).catch((error: Error) => {
    report.errors.push(
      `record: ${error.message}; write it with greenlight record -s ${stack.name}${inFolder(directory)}`,
    );
  });
}

async function stackOf({ stack, directory, engine, environment }: DeploymentOptions): Promise<Stack> {
  const opened = await openStack(stack, directory, engine, { create: true, envVars: environment });
  // After an update the Automation API asks for both, three commands one after the other; the report reads the state itself.
  return Object.assign(opened, { outputs: async () => ({}), info: async () => undefined });
}

/** How long the steps took before; that nobody knows costs only the estimate. */
async function expectedDurations(stack: Stack): Promise<{ [step: string]: number }> {
  try {
    const place = recordPlace(stack, (await stack.exportStack()).deployment);
    const environment = { ...process.env, ...stack.workspace.envVars };
    return place ? durationsOf(await newestRecords(place, MOST_COMPARED, environment)) : {};
  } catch {
    return {};
  }
}

/** The error of a command that ran and failed; anything else is thrown on. */
export async function failureOf(command: Promise<unknown>): Promise<CommandError | undefined> {
  try {
    await command;
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}

/** What an update leaves for its report. */
export function ended(progression: Progression, failure: CommandError | undefined, retry: string) {
  const { changes, visited, ran, underWay } = progression;
  const errors = progression.faults(failure);
  return { changes, visited, ran, underWay, errors, next: retry, finishedAt: new Date() };
}

export type Told = Omit<ReportParts, "system" | "stack" | "release" | "steps" | "checklist" | "outputs"> & {
  /** Folder of the system's Pulumi.yaml and checklist.yaml. */
  directory: string;
  /** Where the commands are run that the report names. @default the same */
  commandsIn?: string;
};

/** The report of a stack from its state and what an update told. */
export async function reportOf(
  stack: Stack,
  { deployment }: Deployment,
  { directory, commandsIn = directory, ...told }: Told,
): Promise<Report> {
  const { proven: _proven, version, ...values } = outputsOf(deployment);
  const system = await systemOf(stack);
  const { next, ...rest } = told;
  const steps = stepsOf(deployment);
  // It was good when the deployment began: that somebody broke it since costs its boxes, and not the report.
  const boxes: { checklist?: Checklist; fault?: string } = await checklistOf(directory).catch(
    ({ message }: Error) => ({ fault: message }),
  );
  const report = assemble({
    ...rest,
    system,
    stack: stack.name,
    release: gateRelease(steps) ?? String(version ?? "unknown"),
    steps,
    ...(boxes.checklist && { checklist: boxes.checklist }),
    outputs: values,
    ...(told.errors.length > 0 && next !== undefined ? { next } : {}),
  });
  const said = await fromRecords(stack, deployment, report, directory, commandsIn);
  return { ...report, ...said, notes: [...said.notes, ...(boxes.fault === undefined ? [] : [boxes.fault])] };
}

/** What the gate before let through: an update that failed has not changed the stack's outputs. */
function gateRelease(steps: StepReport[]): string | undefined {
  const parts: unknown = steps.find(({ name }) => name === "sign-off")?.facts.parts;
  return parts !== null && typeof parts === "object" && "release" in parts
    ? String(parts.release)
    : undefined;
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
