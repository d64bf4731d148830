// Plugins that are processes: the official dynamic-provider server, and executables `pulumi-resource-<package>` on
// PATH. Started with the program's folder as working folder, since serialized closures resolve modules against it.
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

/** How long a plugin may take to print its port. */
const START_SECONDS = 60;
/** How long a plugin may take to end before it is killed. */
const STOP_SECONDS = 5;

export interface PluginProcess {
  /** `127.0.0.1:PORT` */
  address: string;
  stop(): Promise<void>;
}

export interface PluginLaunch {
  name: string;
  command: string;
  args: string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
  /** Each line after the port. */
  output(line: string, stream: "stdout" | "stderr"): void;
}

/**
 * How the SDK's own scripts are run. It touches every built-in module when it serializes closures, and would print a
 * warning for each new one. One word an option: the runner looks at them.
 */
export const sdkNode = [
  "--disable-warning=ExperimentalWarning",
  `--require=${path.join(import.meta.dirname, "../sdk/preload.ts")}`,
];

/** Makes a server end when the engine was killed, since nobody else would end it. */
const endWithParent = path.join(import.meta.dirname, "../sdk/end-with-parent.ts");

/** The official server of dynamic resources, as installed for the program. @throws when it is not installed */
export function dynamicServer(programDirectory: string): { command: string; args: string[] } {
  const require = createRequire(path.join(programDirectory, "package.json"));
  const server = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  return { command: process.execPath, args: [...sdkNode, `--require=${endWithParent}`, server] };
}

/** The executable of a package on PATH; undefined when there is none. */
export function pluginExecutable(pkg: string, searchPath: string): string | undefined {
  for (const folder of searchPath.split(path.delimiter)) {
    const file = path.join(folder || ".", `pulumi-resource-${pkg}`);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not here: the next folder
    }
  }
  return undefined;
}

/** Starts a plugin and waits for the port that it prints first. @throws when it ends or stays silent before that */
export async function startPlugin(launch: PluginLaunch): Promise<PluginProcess> {
  const child = spawn(launch.command, launch.args, {
    cwd: launch.directory,
    env: launch.environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C in the terminal is for the engine, which lets running operations finish.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const port = await firstLine(child, launch);
  return { address: `127.0.0.1:${port}`, stop: () => stopProcess(child, ended) };
}

function firstLine(child: ChildProcess, launch: PluginLaunch): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`plugin "${launch.name}": ${reason}, want a port on its first line`, { cause }));
    };
    const timer = setTimeout(() => fail(`silent for ${START_SECONDS} s`), START_SECONDS * 1000);
    let started = false;
    const complaints: string[] = [];
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      if (started) return launch.output(line, "stdout");
      const port = Number(line.trim());
      if (!Number.isInteger(port) || port <= 0 || port > 65535)
        return fail(`printed ${JSON.stringify(line)}`);
      started = true;
      clearTimeout(timer);
      resolve(port);
    });
    createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
      if (started) launch.output(line, "stderr");
      else complaints.push(line);
    });
    child.once("error", (error) => fail(`cannot be started (${error.message})`, error));
    child.once("exit", (code, signal) => {
      if (!started)
        fail(`ended with ${signal ?? `code ${code}`}${complaints.map((line) => `\n${line}`).join("")}`);
    });
  });
}

async function stopProcess(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_SECONDS * 1000);
  await ended;
  clearTimeout(timer);
}
