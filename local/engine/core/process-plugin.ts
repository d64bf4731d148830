// Plugins that are processes: the official dynamic-provider server, and executables `pulumi-resource-<package>` on
// PATH. Both print the port that they listen on.
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
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

type Output = (line: string, stream: "stdout" | "stderr") => void;

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

/** Starts the executable of a plugin; `directory` becomes its working folder. */
export function spawnPlugin(
  command: string,
  args: string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
): ChildProcess {
  return spawn(command, args, {
    cwd: directory,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C in the terminal is for the engine, which lets running operations finish.
    detached: true,
  });
}

/**
 * Waits for the port that a plugin prints first; `output` gets each line after it.
 * @throws when it ends or stays silent before that
 */
export async function startedPlugin(
  name: string,
  child: ChildProcess,
  output: Output,
): Promise<PluginProcess> {
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const port = await firstLine(name, child, output);
  return { address: `127.0.0.1:${port}`, stop: () => stopProcess(child, ended) };
}

function firstLine(name: string, child: ChildProcess, output: Output): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`plugin "${name}": ${reason}, want a port on its first line`, { cause }));
    };
    const timer = setTimeout(() => fail(`silent for ${START_SECONDS} s`), START_SECONDS * 1000);
    let started = false;
    const complaints: string[] = [];
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      if (started) return output(line, "stdout");
      const port = Number(line.trim());
      if (!Number.isInteger(port) || port <= 0 || port > 65535)
        return fail(`printed ${JSON.stringify(line)}`);
      started = true;
      clearTimeout(timer);
      resolve(port);
    });
    createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
      if (started) output(line, "stderr");
      else complaints.push(line);
    });
    const endedWith = (code: number | null, signal: string | null) =>
      fail(`ended with ${signal ?? `code ${code}`}${complaints.map((line) => `\n${line}`).join("")}`);
    // One that was started ahead may have ended before it was wanted.
    if (child.exitCode !== null || child.signalCode !== null)
      return endedWith(child.exitCode, child.signalCode);
    child.once("error", (error) => fail(`cannot be started (${error.message})`, error));
    child.once("exit", (code, signal) => {
      if (!started) endedWith(code, signal);
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
