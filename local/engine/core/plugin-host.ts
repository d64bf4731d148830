// Finds and starts the plugin of a package: built in, in process, the dynamic server, or an executable on PATH.
// A dynamic server can be started ahead of its first use, beside the program.
import type { DeploymentRequest } from "../types.ts";
import type { Diagnostics } from "./diagnostics.ts";
import { grpcPlugin } from "./grpc-plugin.ts";
import { localPlugin, localProvider } from "./local-plugin.ts";
import type { Plugin } from "./plugin.ts";
import { dynamicServer, pluginExecutable, startPlugin } from "./process-plugin.ts";

/** Package of dynamic resources. */
export const DYNAMIC = "pulumi-nodejs";

export class PluginHost {
  readonly #request: DeploymentRequest;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #diagnostics: Diagnostics;
  readonly #builtIn: Plugin;
  readonly #engineAddress: () => Promise<string>;
  readonly #running = new Set<Plugin>();
  #waiting: Promise<Plugin> | undefined;
  #closed = false;

  constructor(
    request: DeploymentRequest,
    environment: NodeJS.ProcessEnv,
    diagnostics: Diagnostics,
    builtIn: Plugin,
    engineAddress: () => Promise<string>,
  ) {
    this.#request = request;
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
    const { programDirectory, name } = this.#request.project;
    if (pkg === DYNAMIC)
      return this.#launch(pkg, dynamicServer(programDirectory), { PULUMI_NODEJS_PROJECT: name });
    const provider = await localProvider(pkg);
    if (provider) return localPlugin(provider);
    const command = pluginExecutable(pkg, this.#environment.PATH ?? "");
    if (!command) {
      throw new Error(
        `provider package "${pkg}": not supported by the embedded engine, ` +
          `and no pulumi-resource-${pkg} is on PATH; use the Pulumi CLI`,
      );
    }
    return this.#launch(pkg, { command, args: [] }, {});
  }

  async #launch(
    pkg: string,
    launch: { command: string; args: string[] },
    extra: NodeJS.ProcessEnv,
  ): Promise<Plugin> {
    const { project } = this.#request;
    const options = Object.entries(project.runtimeOptions).map(([key, value]) => [
      `PULUMI_RUNTIME_${key.toUpperCase()}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const process = await startPlugin({
      name: pkg,
      command: launch.command,
      args: [...launch.args, await this.#engineAddress()],
      directory: project.programDirectory,
      environment: {
        ...this.#environment,
        PULUMI_PROJECT: project.name,
        PULUMI_CONFIG: "{}",
        ...Object.fromEntries(options),
        ...extra,
      },
      output: (line, stream) => {
        if (pkg === DYNAMIC) this.#diagnostics.output(line, stream);
      },
    });
    return grpcPlugin(process.address, process.stop);
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
