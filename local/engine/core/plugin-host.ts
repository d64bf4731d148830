// Finds and starts the plugin of a package: built in, in process, the dynamic server, or an executable on PATH.
// A dynamic server can be started ahead of its first use, beside the program.
import type { DeploymentRequest } from "../types.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { grpcPlugin } from "./grpc-plugin.ts";
import { localPlugin, localProvider } from "./local-plugin.ts";
import type { Plugin } from "./plugin.ts";
import { pluginExecutable, spawnPlugin, startedPlugin } from "./process-plugin.ts";
import type { SdkProcesses } from "./sdk-process.ts";

/** Package of dynamic resources. */
export const DYNAMIC = "pulumi-nodejs";

export class PluginHost {
  readonly #request: DeploymentRequest;
  readonly #processes: SdkProcesses;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #diagnostics: Diagnostics;
  readonly #builtIn: Plugin;
  readonly #engineAddress: () => Promise<string>;
  readonly #running = new Set<Plugin>();
  #waiting: Promise<Plugin> | undefined;
  #closed = false;

  constructor(
    request: DeploymentRequest,
    processes: SdkProcesses,
    environment: NodeJS.ProcessEnv,
    diagnostics: Diagnostics,
    builtIn: Plugin,
    engineAddress: () => Promise<string>,
  ) {
    this.#request = request;
    this.#processes = processes;
    this.#environment = environment;
    this.#diagnostics = diagnostics;
    this.#builtIn = builtIn;
    this.#engineAddress = engineAddress;
  }

  /** Starts a dynamic server now, for the first that asks. A failure shows when it is asked for. */
  prepareDynamic(): void {
    if (this.#waiting !== undefined) return;
    this.#waiting = this.#start(DYNAMIC);
    this.#waiting.catch(() => {});
  }

  /** A plugin not configured yet. @throws when the package has no plugin here */
  async load(pkg: string): Promise<Plugin> {
    if (pkg === DYNAMIC && this.#waiting !== undefined) {
      const prepared = this.#waiting;
      this.#waiting = undefined;
      return prepared;
    }
    return this.#start(pkg);
  }

  async #start(pkg: string): Promise<Plugin> {
    const plugin = await this.#open(pkg);
    if (this.#closed) {
      await plugin.close();
      throw new Error(`plugin "${pkg}": not started, the deployment is over`);
    }
    this.#running.add(plugin);
    return plugin;
  }

  async #open(pkg: string): Promise<Plugin> {
    if (pkg === "pulumi") return this.#builtIn;
    if (pkg === DYNAMIC) return this.#startDynamic();
    const provider = await localProvider(pkg);
    if (provider) return localPlugin(provider);
    const command = pluginExecutable(pkg, this.#environment.PATH ?? "");
    if (!command) {
      throw new Error(
        `provider package "${pkg}": not supported by the embedded engine, ` +
          `and no pulumi-resource-${pkg} is on PATH; use the Pulumi CLI`,
      );
    }
    const address = await this.#engineAddress();
    const folder = this.#request.project.programDirectory;
    const child = spawnPlugin(command, [address], folder, this.#pluginEnvironment());
    const { address: own, stop } = await startedPlugin(pkg, child, () => {});
    return grpcPlugin(own, stop);
  }

  async #startDynamic(): Promise<Plugin> {
    const { child, release } = this.#processes.take("dynamic");
    const { name } = this.#request.project;
    release([await this.#engineAddress()], { ...this.#pluginEnvironment(), PULUMI_NODEJS_PROJECT: name });
    const { address, stop } = await startedPlugin(DYNAMIC, child, (line, stream) =>
      this.#diagnostics.output(line, stream),
    );
    return grpcPlugin(address, stop);
  }

  #pluginEnvironment(): NodeJS.ProcessEnv {
    const { name, runtimeOptions } = this.#request.project;
    const options = Object.entries(runtimeOptions).map(([key, value]) => [
      `PULUMI_RUNTIME_${key.toUpperCase()}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return {
      ...this.#environment,
      PULUMI_PROJECT: name,
      PULUMI_CONFIG: "{}",
      ...Object.fromEntries(options),
    };
  }

  /** Asks every plugin to stop what it does. */
  async cancel(): Promise<void> {
    await Promise.allSettled([...this.#running].map((plugin) => plugin.cancel()));
  }

  /** Ends every plugin. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#waiting?.catch(() => {});
    await Promise.allSettled([...this.#running].map((plugin) => plugin.close()));
    this.#running.clear();
  }
}
