// up, refresh and destroy: lock, preview, question, run. Their order is that of the official command.

import type { SdkProcesses } from "../core/sdk-process.ts";
import { EXIT, Failure, notSupported } from "../state/failure.ts";
import { lockStack } from "../state/lock.ts";
import { settle } from "../state/stack-store.ts";
import { isOn } from "../state/switched-on.ts";
import type { DeploymentRequest } from "../types.ts";
import type { Call } from "./command.ts";
import { setConfiguration } from "./config-write.ts";
import { ask } from "./confirm.ts";
import { openStackContext, rawConfig, requireOwnProject, type StackContext } from "./context.ts";
import { openEventLog } from "./event-log.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { exitCodeOf, openOperation, prepareRun, runOperation } from "./operation.ts";
import { chooseDisplay } from "./show.ts";

type Kind = Exclude<DeploymentRequest["kind"], "preview">;

const WORDS = {
  update: { preview: "Previewing update", run: "Updating", noun: "update" },
  refresh: { preview: "Previewing refresh", run: "Refreshing", noun: "refresh" },
  destroy: { preview: "Previewing destroy", run: "Destroying", noun: "destroy" },
} as const;

/** Runs a command that changes a stack. Returns its exit code. */
export async function runChange(call: Call, kind: Kind): Promise<number> {
  const { flags } = call;
  refuseValues(call);
  const previewOnly = flags.on("preview-only");
  const agreed =
    flags.on("yes") || flags.on("skip-preview") || isOn(call.environment.PULUMI_SKIP_CONFIRMATIONS);
  if (!agreed && !previewOnly && !call.interactive) {
    throw new Failure(
      "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
      EXIT.usage,
    );
  }
  for (const flag of ["skip-preview", "yes"]) {
    if (previewOnly && flags.on(flag))
      throw new Failure(`--${flag} and --preview-only cannot be used together`);
  }
  const context = await openStackContext(call);
  requireOwnProject(context.project, context.reference);
  await setConfiguration(call, context);
  const processes = prepareRun(call, context, kind === "update");
  const interruption = watchInterruption((text) => process.stderr.write(`${text}\n`));
  const logTarget = flags.text("event-log");
  const log = logTarget ? await openEventLog(logTarget) : undefined;
  try {
    return await underLock(call, kind, context, { interruption, log, processes, agreed, previewOnly });
  } finally {
    processes.close();
    await log?.close();
    interruption.stop();
  }
}

async function underLock(call: Call, kind: Kind, context: StackContext, tools: RunTools): Promise<number> {
  const lock = await lockStack(context.backend, context.reference);
  try {
    const warning = await settle(context.backend, context.reference);
    if (warning) process.stderr.write(`warning: ${warning}\n`);
    return await previewAndRun(call, kind, context, tools);
  } finally {
    await lock.release();
  }
}

interface RunTools {
  interruption: Interruption;
  log: Awaited<ReturnType<typeof openEventLog>> | undefined;
  processes: SdkProcesses;
  agreed: boolean;
  previewOnly: boolean;
}

async function previewAndRun(
  call: Call,
  kind: Kind,
  context: StackContext,
  tools: RunTools,
): Promise<number> {
  const { interruption, log, processes } = tools;
  const operation = await openOperation(call, context, rawConfig(context));
  const stack = context.reference.name;
  const skip = call.flags.on("skip-preview") || (call.flags.on("json") && tools.agreed);
  if (!skip || tools.previewOnly) {
    const display = await chooseDisplay(call, context, WORDS[kind].preview, true);
    const settings = {
      kind: kind === "update" ? ("preview" as const) : kind,
      dryRun: true,
      display,
      log,
      processes,
      interruption,
    };
    const result = await runOperation(call, operation, settings);
    if (result.result !== "succeeded" || tools.previewOnly) return exitCodeOf(result, call, settings);
    if (!tools.agreed && !(await isConfirmed(WORDS[kind].noun, stack))) {
      throw new Failure(`confirmation declined, not proceeding with the ${WORDS[kind].noun}`);
    }
  }
  const display = await chooseDisplay(call, context, WORDS[kind].run, false);
  const settings = { kind, dryRun: false, display, log, processes, interruption };
  return exitCodeOf(await runOperation(call, operation, settings), call, settings);
}

async function isConfirmed(noun: string, stack: string): Promise<boolean> {
  const answer = (await ask(`Do you want to perform this ${noun} of '${stack}'? [yes/no] `))?.trim();
  return answer === "yes" || answer === "y";
}

/** Refuses values of flags and variables whose other values are harmless. */
export function refuseValues({ flags, environment }: Call): void {
  if (isOn(environment.PULUMI_RUN_PROGRAM) && !flags.has("run-program"))
    throw notSupported("variable PULUMI_RUN_PROGRAM");
  for (const name of ["run-program", "show-secrets"])
    if (flags.on(name)) throw notSupported(`flag --${name}`);
}
