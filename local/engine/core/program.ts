// Runs the program: the official SDK's runner as a child process, or an inline program of the Automation API that
// waits behind the language-runtime service.
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import proto from "@pulumi/pulumi/proto/language_pb.js";
import { RpcClient } from "../rpc/client.ts";
import type { DeploymentRequest } from "../types.ts";
import { type Diagnostics, messageOf } from "./diagnostics.ts";
import type { SdkProcesses } from "./sdk-process.ts";
import { toStruct } from "./struct.ts";

/** The program reports errors itself and then ends with this code. */
const REPORTED = 32;
/** How long a program that has nothing more to register may take to end. */
const FINISH_SECONDS = 10;

/** Tells the preload of the program's process to leave debug messages alone. */
const DEBUG_MESSAGES = "GREENLIGHT_DEBUG_MESSAGES";

/** How the program ended; `failed` without a message means that its error was already reported. */
export type ProgramEnd = { result: "succeeded" } | { result: "failed"; message?: string };

export interface RunningProgram {
  ended: Promise<ProgramEnd>;
  /** Waits for the program to end by itself, for a while, then ends it. */
  finish(): Promise<void>;
  /** Ends the program at once and waits for it. */
  stop(): Promise<void>;
}

/** A program that cannot be started is one that ended. */
export function startProgram(
  request: DeploymentRequest,
  processes: SdkProcesses,
  environment: NodeJS.ProcessEnv,
  address: string,
  diagnostics: Diagnostics,
): RunningProgram {
  if (request.client !== undefined) return startInline(request, request.client, address);
  try {
    return startChild(request, processes, environment, address, diagnostics);
  } catch (error) {
    const message = `an unhandled error occurred: ${messageOf(error)}`;
    return {
      ended: Promise.resolve({ result: "failed", message }),
      stop: async () => {},
      finish: async () => {},
    };
  }
}

function startChild(
  request: DeploymentRequest,
  processes: SdkProcesses,
  environment: NodeJS.ProcessEnv,
  address: string,
  diagnostics: Diagnostics,
): RunningProgram {
  const { project } = request;
  const { child, stdout, stderr, release } = processes.take("program");
  const args = [
    ...["--monitor", address, "--engine", address],
    ...["--organization", request.organization, "--project", project.name],
    ...["--root-directory", project.root, "--stack", request.stack, "--pwd", project.programDirectory],
    ...(request.kind === "preview" ? ["--dry-run"] : []),
    ...["--parallel", String(request.parallel)],
    project.entry,
  ];
  release(args, { ...environment, ...programEnvironment(request) });
  let outOfMemory = false;
  const streams = [["stdout", stdout] as const, ["stderr", stderr] as const];
  const readers = streams.map(([stream, input]) => {
    const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    reader.on("line", (line) => {
      outOfMemory ||= line.includes("JavaScript heap out of memory");
      diagnostics.output(line, stream);
    });
    return new Promise<void>((resolve) => reader.once("close", resolve));
  });
  const exited = exitOf(child);
  const ended = exited.then(async ({ code, signal, error }): Promise<ProgramEnd> => {
    await Promise.all(readers);
    if (error) return { result: "failed", message: `failed to launch the program: ${error.message}` };
    if (code === 0) return { result: "succeeded" };
    if (code === REPORTED) return { result: "failed" };
    const hint = outOfMemory ? "; the program ran out of memory, see nodeargs --max-old-space-size" : "";
    const how = signal ? `Program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`;
    return { result: "failed", message: `an unhandled error occurred: ${how}${hint}` };
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  };
  return {
    ended,
    stop,
    async finish() {
      const timer = setTimeout(stop, FINISH_SECONDS * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

function exitOf(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null; error?: Error }> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null)
      return resolve({ code: child.exitCode, signal: child.signalCode });
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

/** Configuration and options as the runner reads them. */
function programEnvironment({ config, project, debugMessages }: DeploymentRequest): NodeJS.ProcessEnv {
  const { typescript, tsconfig } = project.runtimeOptions;
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries([...config].map(([key, { value }]) => [key, value]))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys(config)),
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(debugMessages && { [DEBUG_MESSAGES]: "true" }),
    ...(typeof tsconfig === "string" && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

function secretKeys(config: DeploymentRequest["config"]): string[] {
  return [...config].filter(([, { secret }]) => secret).map(([key]) => key);
}

function startInline(request: DeploymentRequest, client: string, address: string): RunningProgram {
  const { project, config } = request;
  const runtime = new RpcClient(client, "pulumirpc.LanguageRuntime");
  const run = new proto.RunRequest();
  run.setProject(project.name);
  run.setStack(request.stack);
  run.setPwd(project.programDirectory);
  run.setProgram(".");
  run.setArgsList([address]);
  for (const [key, { value }] of config) run.getConfigMap().set(key, value);
  run.setConfigsecretkeysList(secretKeys(config));
  run.setDryrun(request.kind === "preview");
  run.setParallel(request.parallel);
  run.setMonitorAddress(address);
  run.setOrganization(request.organization);
  const info = new proto.ProgramInfo();
  info.setRootDirectory(project.root);
  info.setProgramDirectory(project.programDirectory);
  info.setEntryPoint(project.entry);
  info.setOptions(toStruct(project.runtimeOptions));
  run.setInfo(info);
  const ended = runtime.call("Run", run, proto.RunResponse).then(
    (reply): ProgramEnd => {
      if (reply.getBail()) return { result: "failed" };
      const error = reply.getError();
      if (error) return { result: "failed", message: `an unhandled error occurred: ${error}` };
      return { result: "succeeded" };
    },
    (error): ProgramEnd => ({ result: "failed", message: messageOf(error) }),
  );
  const stop = async () => runtime.close();
  return {
    ended,
    stop,
    async finish() {
      await ended;
      await stop();
    },
  };
}
