// A temporary project with its own backend and home, and calls of a `pulumi` command in it.
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Session } from "./session.ts";

const repository = join(import.meta.dirname, "../..");

/** The embedded engine's command. */
export const embeddedCommand = join(repository, "local/engine/bin/pulumi");
/** Folder whose `bin/pulumi` the Automation API runs. */
export const embeddedRoot = join(repository, "local/engine");
export const passphrase = "correct horse battery staple";

const program = join(import.meta.dirname, "parity/program");

export interface Result {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** The words of a command that asks nobody. */
function unattended(args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return [...args.slice(0, end), "--non-interactive", ...args.slice(end)];
}

export class Workplace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "engine-")));
  readonly project = join(this.root, "project");
  readonly backend = join(this.root, "backend");
  readonly trace = join(this.root, "trace.log");
  command: string;
  session: Session | undefined;

  /** Copies the parity program, or `source`, as the project. */
  constructor(source = program, command = embeddedCommand) {
    this.command = command;
    cpSync(source, this.project, { recursive: true });
    cpSync(program, this.project, { recursive: true, force: false });
    if (existsSync(join(source, ".pulumi")))
      cpSync(join(source, ".pulumi"), join(this.backend, ".pulumi"), { recursive: true });
    else mkdirSync(this.backend);
    symlinkSync(join(repository, "node_modules"), join(this.project, "node_modules"));
    writeFileSync(this.trace, "");
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${dirname(this.command)}${delimiter}${process.env.PATH}`,
      PULUMI_HOME: join(this.root, "home"),
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DEBUG_COMMANDS: "true",
      PARITY_TRACE: this.trace,
    };
  }

  /** The same place in the hands of another command. */
  usedBy(command: string): Workplace {
    return Object.assign(Object.create(this) as Workplace, { command, session: undefined });
  }

  /** Says what the program declares. */
  declare(spec: object): void {
    writeFileSync(join(this.project, "spec.json"), JSON.stringify(spec));
  }

  /** Lets every provider call of the project's spec succeed. */
  misbehaveNoMore(): void {
    const { behave: _, ...spec } = JSON.parse(readFileSync(this.path("spec.json"), "utf8"));
    this.declare(spec);
  }

  /** From now on one process runs the embedded engine's commands, one at a time, but those that get signals or an environment. */
  share(): void {
    if (this.command === embeddedCommand) this.session ??= new Session(this);
  }

  /** Runs the command to its end. `started` gets the child, to send it signals. */
  run(
    args: readonly string[],
    options: { environment?: NodeJS.ProcessEnv; started?: (pid: number) => void } = {},
  ): Promise<Result> {
    if (this.session && !options.started && !options.environment) return this.session.run(unattended(args));
    const environment = { ...this.environment, ...options.environment };
    const child = spawn(this.command, unattended(args), {
      cwd: this.project,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => {
      stdout += data;
    });
    child.stderr.on("data", (data) => {
      stderr += data;
    });
    child.on("error", reject);
    // A killed command's children keep its pipes open: then the end of the process counts.
    child.on(options.started ? "exit" : "close", (code, signal) =>
      resolve({ code: signal ?? code, stdout, stderr }),
    );
    if (child.pid !== undefined) options.started?.(child.pid);
    return promise;
  }

  /** Runs the command; its standard output. @throws when it fails. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** `stack export` as a document. */
  async export(...args: string[]): Promise<{ version: number; deployment: Deployment }> {
    return JSON.parse(await this.must("stack", "export", ...args));
  }

  /** Calls that reached the provider, `create a` and the like. */
  calls(): string[] {
    return readFileSync(this.trace, "utf8").split("\n").filter(Boolean);
  }

  path(...parts: string[]): string {
    return join(this.project, ...parts);
  }

  close(): void {
    this.session?.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface Deployment {
  resources?: ExportedResource[];
  pending_operations?: { type: string; resource: ExportedResource }[];
}

export interface ExportedResource {
  urn: string;
  id?: string;
  inputs?: { [key: string]: unknown };
  outputs?: { [key: string]: unknown };
  protect?: boolean;
  external?: boolean;
  delete?: boolean;
}
