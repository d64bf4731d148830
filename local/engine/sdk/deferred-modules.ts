// Loaded before the SDK: what that loads on the chance that it is needed is loaded at first use.
import { Module } from "node:module";

const DEFERRED = new Set([
  ...["@npmcli/arborist", "execa", "js-yaml", "normalize-package-data", "semver", "typescript"],
  "./automation",
]);
/** Classes and functions for traces, which this engine does not record. */
const TRACING = /^@opentelemetry\/(?!api$)/;
const SDK = /[\\/]@pulumi[\\/]pulumi[\\/]/;

type Exports = { [name: PropertyKey]: unknown };

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
