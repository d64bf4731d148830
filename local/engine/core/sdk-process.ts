// The SDK's own scripts as processes: the runner of programs and the server of dynamic resources. Each can be started
// before its arguments are known; it then loads what it will need, and waits for them.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { PassThrough, type Readable } from "node:stream";
import type { Project } from "../types.ts";

export type SdkScript = "program" | "dynamic";

/** A process that waits for its arguments. */
export interface HeldProcess {
  child: ChildProcess;
  stdout: Readable;
  stderr: Readable;
  /** Lets it run with these arguments and environment. */
  release(args: string[], environment: NodeJS.ProcessEnv): void;
}

const SCRIPTS = { program: "@pulumi/pulumi/cmd/run", dynamic: "@pulumi/pulumi/cmd/dynamic-provider" };

/** One word an option: the runner looks at them. */
const preload = (file: string) => `--require=${path.join(import.meta.dirname, "../sdk", file)}`;
/** The runner touches every built-in module and would warn for each new one. */
const QUIET = "--disable-warning=ExperimentalWarning";

/** Compiled code of the scripts; they load the same SDK in every run. */
const compileCache = path.join(import.meta.dirname, "../../../node_modules/.cache/greenlight-engine");

export class SdkProcesses {
  readonly #project: Project;
  readonly #waiting = new Map<SdkScript, HeldProcess>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** Starts a process for the first that takes it; `modules` of the SDK's are loaded meanwhile. */
  prepare(script: SdkScript, modules: string[] = []): void {
    if (this.#waiting.has(script)) return;
    const held = this.#start(script, modules);
    // Without an SDK there is none to wait, which is said to whoever takes it.
    if (held) this.#waiting.set(script, held);
  }

  /** The process prepared, or a new one. @throws when the program has no SDK installed, or the system starts no process */
  take(script: SdkScript): HeldProcess {
    const held = this.#waiting.get(script) ?? this.#start(script, []);
    if (!held)
      throw new Error("It looks like the Pulumi SDK has not been installed. Have you run pulumi install?");
    this.#waiting.delete(script);
    // Its pipes were closed before anybody listened: nothing would ever be heard of it.
    if (held.child.pid === undefined) {
      throw new Error(`${process.execPath}: cannot be started in ${this.#project.programDirectory}`);
    }
    return held;
  }

  /** Ends what nobody took. */
  close(): void {
    for (const { child } of this.#waiting.values()) child.kill("SIGKILL");
    this.#waiting.clear();
  }

  /** The script's file in the program's own SDK. */
  #find(script: SdkScript): string | undefined {
    try {
      return createRequire(path.join(this.#project.programDirectory, "package.json")).resolve(
        SCRIPTS[script],
      );
    } catch {
      return undefined;
    }
  }

  #start(script: SdkScript, modules: string[]): HeldProcess | undefined {
    const file = this.#find(script);
    if (file === undefined) return undefined;
    const { programDirectory, runtimeOptions } = this.#project;
    const { nodeargs } = runtimeOptions;
    const environment: NodeJS.ProcessEnv = { NODE_COMPILE_CACHE: compileCache, ...process.env };
    const args = [
      QUIET,
      preload("preload.ts"),
      ...(script === "dynamic" ? [preload("end-with-parent.ts")] : []),
      preload("hold.ts"),
      ...(script === "program" && typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter(Boolean) : []),
      file,
      ...modules,
    ];
    const child = spawn(process.execPath, args, {
      cwd: programDirectory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A group of its own: Ctrl-C in the terminal is for the engine, which lets running operations finish.
      detached: true,
    });
    const { stdout, stderr } = child;
    const order = child.stdio[3];
    if (!stdout || !stderr || !order || !("write" in order)) {
      throw new Error(`child process "${script}": no pipes to it, want three`);
    }
    // A process that could not be started or has ended is seen by its exit.
    child.on("error", () => {});
    order.on("error", () => {});
    return {
      child,
      // What it says before anybody listens is kept, also when it has ended by then, as with a wrong option of Node.
      stdout: script === "program" ? stdout.pipe(new PassThrough()) : stdout,
      stderr: script === "program" ? stderr.pipe(new PassThrough()) : stderr,
      release(args, given) {
        const changed = Object.entries(given).filter(([name, value]) => environment[name] !== value);
        order.end(JSON.stringify({ args, environment: Object.fromEntries(changed) }));
      },
    };
  }
}
