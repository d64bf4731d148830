// One run of the engine for a stack: configuration and state in, events to display and log, journal and history out.

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { availableParallelism } from "node:os";
import { SdkProcesses } from "../core/sdk-process.ts";
import type { Display } from "../display/display.ts";
import { EventWriter } from "../display/event-json.ts";
import { redactEvent, secretTexts } from "../display/redaction.ts";
import { openConfig, type RawConfig } from "../project/config.ts";
import { mergeProjectConfig } from "../project/config-schema.ts";
import { requireProgram } from "../project/project-file.ts";
import { parseStackReference, stackPaths } from "../state/backend.ts";
import { EXIT, Failure } from "../state/failure.ts";
import { appendHistory } from "../state/history.ts";
import { openCrypter } from "../state/passphrase.ts";
import {
  type OpenStack,
  openStack,
  requireStored,
  stackOutputs,
  startJournal,
} from "../state/stack-store.ts";
import { isOn } from "../state/switched-on.ts";
import type { ConfigValue, DeploymentRequest, DeploymentResult, EngineEvent, Journal } from "../types.ts";
import type { Call } from "./command.ts";
import { openStackCrypter, type StackContext } from "./context.ts";
import type { EventLog } from "./event-log.ts";
import { historyEnvironment } from "./history-environment.ts";
import type { Interruption } from "./interruption.ts";

/** What a run works on, opened once for a preview and the update after it. */
export interface OpenOperation {
  context: StackContext;
  raw: RawConfig;
  config: Map<string, ConfigValue>;
  stack: OpenStack;
}

/** What the SDK reads the functions of dynamic resources with: the compiler, and every module of Node that they might mean. */
const READING = ["typescript", ...builtinModules.filter((name) => !/^(_.*|punycode|sys|wasi)$/.test(name))];

/** How one run differs from another. */
export interface RunSettings {
  kind: DeploymentRequest["kind"];
  /** Changes nothing: a preview of an update, or of a refresh or destroy. */
  dryRun: boolean;
  display: Display;
  log: EventLog | undefined;
  processes: SdkProcesses;
  interruption: Interruption;
}

/** Reads configuration and state. @throws Failure before anything was touched. */
export async function openOperation(
  call: Call,
  context: StackContext,
  raw: RawConfig,
): Promise<OpenOperation> {
  const { backend, reference, project } = context;
  const merged = mergeProjectConfig(raw, project.configSchema, project.name, reference.name);
  const crypter = await openStackCrypter(context, call);
  const stored = await requireStored(backend, reference);
  const stack = await openStack(backend, reference, stored, crypter, call.environment);
  return { context, raw: merged, config: openConfig(merged, crypter), stack };
}

/**
 * Begins to load the engine and to start the processes of the run, so that they are there when configuration and state
 * are read. The caller closes them.
 * @throws Failure where the project's program is not there
 */
export function prepareRun(call: Call, context: StackContext, runsProgram: boolean): SdkProcesses {
  const { project, backend, reference } = context;
  requireProgram(project);
  const processes = new SdkProcesses(project);
  const dynamic = usesDynamic(stackPaths(backend, reference).file);
  if (runsProgram && !call.flags.text("client")) processes.prepare("program", dynamic ? READING : []);
  if (dynamic) processes.prepare("dynamic");
  // A fault of loading is reported by the import that waits for it.
  import("../core/deploy.ts").catch(() => undefined);
  return processes;
}

function usesDynamic(stateFile: string): boolean {
  try {
    return readFileSync(stateFile).includes("pulumi:providers:pulumi-nodejs");
  } catch {
    return false;
  }
}

const silent: Journal = { begin: async () => undefined, end: async () => undefined };

/** Runs the engine. Returns its result; the caller turns it into an exit code. */
export async function runOperation(
  call: Call,
  operation: OpenOperation,
  settings: RunSettings,
): Promise<DeploymentResult> {
  const { stack } = operation;
  const { deploy } = await import("../core/deploy.ts");
  const startTime = Math.floor(Date.now() / 1000);
  const journal = settings.dryRun ? undefined : await startJournal(stack);
  const emit = emitter(call, operation, settings);
  let result: DeploymentResult;
  try {
    result = await deploy(requestOf(call, operation, settings, journal ?? silent, emit));
  } catch (error) {
    // The next command reads from the journal how far this one came.
    await journal?.leave();
    settings.display.finish();
    // A request that cannot be carried out; whatever is not a plain error is a fault of the engine.
    if (error instanceof Error && error.constructor === Error)
      throw new Failure(error.message, EXIT.failed, { cause: error });
    throw error;
  }
  if (journal) {
    const checkpoint = await journal.close(result.snapshot);
    const record = {
      kind: settings.kind,
      startTime,
      message: call.flags.text("message") ?? "",
      environment: historyEnvironment(call),
      config: Object.fromEntries(operation.raw),
      version: 0,
      result: result.result === "succeeded" ? ("succeeded" as const) : ("failed" as const),
      endTime: Math.floor(Date.now() / 1000),
      resourceChanges: result.changes,
    };
    await appendHistory(stack.backend, stack.reference, record, checkpoint, call.environment);
    stack.snapshot = result.snapshot;
  }
  settings.display.finish();
  return result;
}

// Every event goes to the log; debug messages are shown only to who asked for them.
function emitter(call: Call, operation: OpenOperation, settings: RunSettings): (event: EngineEvent) => void {
  const texts = secretTexts(operation.config);
  const writer = new EventWriter();
  const showsDebug = call.flags.on("debug");
  return (event) => {
    const redacted = redactEvent(event, texts);
    if (showsDebug || event.diagnosticEvent?.severity !== "debug") settings.display.event(redacted);
    settings.log?.write(writer.render(redacted));
  };
}

function requestOf(
  call: Call,
  { context, config, stack }: OpenOperation,
  settings: RunSettings,
  journal: Journal,
  emit: (event: EngineEvent) => void,
): DeploymentRequest {
  const { flags, environment } = call;
  const { project, backend, reference } = context;
  const replaced = flags.list("target-replace");
  const targets = [...flags.list("target"), ...replaced];
  const replace = [...flags.list("replace"), ...replaced];
  const client = flags.text("client");
  return {
    kind: settings.kind,
    project,
    stack: reference.name,
    organization: "organization",
    config,
    base: stack.snapshot,
    journal,
    processes: settings.processes,
    parallel: parallelOf(call),
    ...(continues(call, settings.kind) && { continueOnError: true }),
    ...(targets.length > 0 && { targets }),
    ...(flags.on("target-dependents") && { targetDependents: true }),
    ...(replace.length > 0 && { replace }),
    ...(wantsRefresh(call, project.alwaysRefresh) && { refresh: true }),
    ...(flags.on("clear-pending-creates") && { clearPendingCreates: true }),
    ...((flags.on("debug") || isFile(flags.text("event-log"))) && { debugMessages: true }),
    ...(client && { client }),
    ...(settings.dryRun && settings.kind !== "preview" && { dryRun: true }),
    emit,
    async readStack(text) {
      const other = parseStackReference(text, reference.project);
      const stored = await requireStored(backend, other);
      const { salt } = stored.deployment;
      if (!salt) return {};
      const crypter = await openCrypter(salt, environment);
      return stackOutputs((await openStack(backend, other, stored, crypter, environment)).snapshot);
    },
    cancel: settings.interruption.cancel,
    kill: settings.interruption.kill,
  };
}

/** A log kept as a file holds debug messages, too; the Automation API, which listens at an address, asks with --debug. */
function isFile(eventLog: string | undefined): boolean {
  return eventLog !== undefined && !eventLog.startsWith("tcp://");
}

function wantsRefresh(call: Call, always: boolean): boolean {
  return call.flags.has("refresh") ? call.flags.on("refresh") : always;
}

function continues({ flags, environment }: Call, kind: RunSettings["kind"]): boolean {
  if (flags.has("continue-on-error") || kind === "refresh") return flags.on("continue-on-error");
  return isOn(environment.PULUMI_CONTINUE_ON_ERROR);
}

function parallelOf(call: Call): number {
  const asked = call.flags.count("parallel", 1);
  if (asked !== undefined) return asked;
  const fallback = Number(call.environment.PULUMI_PARALLEL);
  if (Number.isInteger(fallback) && fallback >= 1) return fallback;
  return Math.max(4, 4 * availableParallelism());
}

/** The exit code of a finished run. */
export function exitCodeOf(
  result: DeploymentResult,
  call: Call,
  { interruption, dryRun }: Pick<RunSettings, "interruption" | "dryRun">,
): number {
  if (interruption.kill.aborted) return EXIT.terminated;
  // Where a check refused a resource, the official preview ends as if it had broken down.
  if (result.refused && dryRun) return EXIT.internal;
  if (result.result !== "succeeded") return EXIT.failed;
  if (call.flags.on("expect-no-changes") && result.changed) {
    throw new Failure("no changes were expected but changes occurred", EXIT.changed);
  }
  return 0;
}
