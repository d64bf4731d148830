// Loaded into the program's runner and the dynamic-provider server before the SDK: lets the unchanged SDK start and
// register faster. What both do stays as it is, but for the spelling of stack frames inside node_modules, which name the
// file that runs instead of the TypeScript it was made from. A part that an SDK does not have is left alone.
import { createRequire, Module } from "node:module";

/** What the SDK loads on the chance that it is needed. Loaded at first use instead. */
const DEFERRED = new Set([
  ...["@npmcli/arborist", "execa", "js-yaml", "normalize-package-data", "semver", "typescript"],
  "./automation",
]);
/** Classes and functions for traces, which this engine does not record. */
const TRACING = /^@opentelemetry\/(?!api$)/;
const SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;
const INSTALLED = /^node:|[\\/]node_modules[\\/]/;

type Exports = { [name: PropertyKey]: unknown };

const require = createRequire(process.argv[1] ?? import.meta.filename);

deferModules();
shortenStackTraces();
forgetPromiseStacks();
if (!process.env.TRACEPARENT) simplifyCalls();

function deferModules(): void {
  const load = Module.prototype.require;
  Module.prototype.require = function (this: Module, id: string): unknown {
    const deferrable = DEFERRED.has(id) || TRACING.test(id);
    if (!deferrable || !SDK.test(this.filename ?? "")) return load.call(this, id);
    let real: Exports | undefined;
    const exports = () => {
      real ??= load.call(this, id) as Exports;
      return real;
    };
    return TRACING.test(id) ? deferredFunctions(exports) : deferredModule(exports);
  };
}

function deferredModule(exports: () => Exports): object {
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name === "__esModule") return true;
        return name === "default" && exports().__esModule !== true ? exports() : exports()[name];
      },
      has: (_, name) => Reflect.has(exports(), name),
      ownKeys: () => Reflect.ownKeys(exports()),
      getOwnPropertyDescriptor(_, name) {
        const found = Reflect.getOwnPropertyDescriptor(exports(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
}

/** For modules taken apart when they are loaded: each part fetches the real one when it is called. */
function deferredFunctions(exports: () => Exports): object {
  const real = (name: PropertyKey) => exports()[name] as new (...args: unknown[]) => object;
  return new Proxy(
    {},
    {
      get: (_, name) =>
        new Proxy(class {}, {
          apply: (_target, self, args) => Reflect.apply(real(name), self, args),
          construct: (_target, args) => Reflect.construct(real(name), args),
        }),
    },
  );
}

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

/** The stack of each promise is kept for reports of leaks alone, and printed in them only when asked for. */
function forgetPromiseStacks(): void {
  const debuggable = available<{
    debuggablePromise(promise: Promise<unknown>, context: string): Promise<unknown>;
  }>("@pulumi/pulumi/runtime/debuggable");
  if (!debuggable || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
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
