// Programs of this machine: where they are, and one run of one of them.

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The folders of PATH, each once. */
export function pathFolders(): string[] {
  return [...new Set((process.env.PATH ?? "").split(delimiter))].filter((folder) => folder !== "");
}

/** The first executable file of this name on PATH. */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of pathFolders()) {
    const file = join(folder, name);
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  user?: { uid: number; gid: number };
}

/** What a successful run printed. @throws with the command and the last lines it printed when it fails. */
export async function runTool(file: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { user, ...rest } = options;
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...rest, ...user, maxBuffer: 16_000_000 }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const said = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
      const reason = said.length === 0 ? error.message : said.slice(-6).join("\n  ");
      reject(new Error(`command "${file} ${args[0] ?? ""}": failed\n  ${reason}`, { cause: error }));
    });
  });
}

/** The environment that background processes share with the caller; never its credentials. */
export function plainEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "TMPDIR"];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
