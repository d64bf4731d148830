// Loaded into the program's runner and the dynamic-provider server before the SDK: lets the unchanged SDK start and
// register faster. What both do stays as it is, but for the spelling of stack frames inside node_modules, which name the
// file that runs instead of the TypeScript it was made from. A part that an SDK does not have is left alone.
import { createRequire } from "node:module";
import "./deferred-modules.ts";
import { forgetPromiseStacks } from "./promise-stacks.ts";

const INSTALLED = /^node:|[\\/]node_modules[\\/]/;

const require = createRequire(process.argv[1] ?? import.meta.filename);

shortenStackTraces();
const debuggable = available<object>("@pulumi/pulumi/runtime/debuggable");
if (debuggable && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) forgetPromiseStacks(debuggable);
if (!process.env.TRACEPARENT) simplifyCalls();

/** The SDK reads a stack trace for every resource. Only files that have a source map go through one. */
function shortenStackTraces(): void {
  const support = available<{
    install(options?: object): void;
    wrapCallSite(frame: NodeJS.CallSite): NodeJS.CallSite;
  }>("source-map-support");
  if (!support) return;
  const { install, wrapCallSite } = support;
  const unmapped = new Set<string>();
  const spelt = (frame: NodeJS.CallSite) => {
    const file = frame.getFileName();
    if (!file || INSTALLED.test(file) || unmapped.has(file)) return frame;
    const mapped = wrapCallSite(frame);
    if (mapped.getFileName() === file) unmapped.add(file);
    return mapped;
  };
  support.install = (options) => {
    install(options);
    Error.prepareStackTrace = (error, frames) =>
      `${error.name || "Error"}: ${error.message || ""}${frames.map((frame) => `\n    at ${spelt(frame)}`).join("")}`;
  };
}

/** Calls to the engine, which is on this machine, need neither repetition nor the context of a trace. */
function simplifyCalls(): void {
  const settings = available<{ grpcClientOptions: { [option: string]: unknown } }>(
    "@pulumi/pulumi/runtime/settings",
  );
  if (settings) Object.assign(settings.grpcClientOptions, { "grpc.enable_retries": 0, interceptors: [] });
  const log = available<{ debug(...message: unknown[]): Promise<void> }>("@pulumi/pulumi/log");
  if (!log) return;
  // Several debug messages a resource, each a call of its own; the environment is complete only when the script starts.
  const { debug } = log;
  log.debug = async (...message) => {
    if (process.env.GREENLIGHT_DEBUG_MESSAGES) await debug(...message);
  };
}

function available<Exported>(id: string): Exported | undefined {
  try {
    return require(id);
  } catch {
    return undefined;
  }
}
