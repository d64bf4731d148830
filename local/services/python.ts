// The project-owned virtual environment with the pinned packages of local/services/python.

import { createHash } from "node:crypto";
import { access, mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { venvFolder } from "./layout.ts";
import { withLock } from "./lock.ts";
import { findOnPath, isExecutable, runTool } from "./tool.ts";

/** Names of the requirement files. */
export type Requirement = "aws" | "postgresql" | "valkey";

const INSTALL_SECONDS = 600;
const MINOR_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])";
const pythonNames = [
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python3.10",
  "python",
];

/** The interpreter of the virtual environment. */
export const venvPython = join(venvFolder, "bin", "python");

/**
 * Makes sure the packages of `requirements` are installed exactly as pinned.
 * Calls `onInstall` before slow work. @throws when there is no Python 3.10+ or an installation fails.
 */
export async function ensurePackages(
  requirements: readonly Requirement[],
  onInstall: (detail: string) => void,
): Promise<void> {
  if ((await missingOf(requirements)).length === 0) return;
  await withLock(`${venvFolder}.lock`, INSTALL_SECONDS, async () => {
    const missing = await missingOf(requirements);
    if (missing.length === 0) return;
    onInstall(`installing pinned packages for ${missing.join(", ")} into ${venvFolder}`);
    if (!(await isUsable(venvFolder))) await createVenv();
    await install(missing);
    for (const name of missing) await writeFile(markerFile(name), await digestOf(name));
  });
}

/** A file inside the installed package `name`. */
export async function packageFile(name: string, ...path: string[]): Promise<string> {
  const code =
    "import importlib.util, sys; print(importlib.util.find_spec(sys.argv[1]).submodule_search_locations[0])";
  const folder = await runTool(venvPython, ["-I", "-c", code, name]);
  return join(folder.trim(), ...path);
}

/** The first Python 3.10+ on PATH with its version, or undefined. */
export async function findPython(): Promise<{ file: string; version: string } | undefined> {
  for (const name of pythonNames) {
    const file = await findOnPath(name);
    if (file === undefined) continue;
    const code = "import sys; print('%d.%d.%d' % sys.version_info[:3])";
    const version = await runTool(file, ["-I", "-c", code]).then(
      (text) => text.trim(),
      () => "", // a launcher without a Python behind it
    );
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major === 3 && minor >= 10) return { file, version };
  }
  return undefined;
}

async function install(requirements: readonly Requirement[]): Promise<void> {
  const [file, ...pip] = await pipCommand();
  const files = requirements.flatMap((name) => ["-r", requirementFile(name)]);
  const exact = ["--require-hashes", "--only-binary=:all:", "--no-compile"];
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-input"];
  try {
    await runTool(file, [...pip, "install", ...exact, ...quiet, ...files]);
  } catch (cause) {
    const [, ...lines] = (cause as Error).message.split("\n");
    throw new Error(
      `python packages "${requirements.join(", ")}": cannot be installed; see to it that pip reaches its package index, then start again\n${lines.join("\n")}`,
      { cause },
    );
  }
}

/**
 * Debian splits pip's bootstrap from Python. A pip of the machine fills an empty environment just as well, and sparing
 * the bootstrap halves the time; only where there is none is the environment given its own.
 */
async function createVenv(): Promise<void> {
  const python = await requirePython();
  await mkdir(dirname(venvFolder), { recursive: true });
  await rm(venvFolder, { recursive: true, force: true });
  const bare = (await hasUsablePip(python)) ? ["--without-pip"] : [];
  try {
    await runTool(python, ["-m", "venv", ...bare, venvFolder]);
  } catch (cause) {
    await rm(venvFolder, { recursive: true, force: true });
    throw new Error(
      `python "${python}": cannot make a virtual environment; install its venv module (Debian: apt install python3-venv)`,
      { cause },
    );
  }
}

async function pipCommand(): Promise<[string, ...string[]]> {
  if (await isExecutable(join(venvFolder, "bin", "pip"))) return [venvPython, "-m", "pip"];
  return [await requirePython(), "-m", "pip", "--python", venvPython];
}

/** Since 22.3 pip can serve another interpreter than its own. */
async function hasUsablePip(python: string): Promise<boolean> {
  const text = await runTool(python, ["-m", "pip", "--version"]).catch(() => "");
  const [major = 0, minor = 0] = /^pip (\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [];
  return major > 22 || (major === 22 && minor >= 3);
}

async function requirePython(): Promise<string> {
  const python = await findPython();
  if (python !== undefined) return python.file;
  throw new Error(
    "python: no python3 of version 3.10 or later on PATH; install it (Debian: apt install python3 python3-venv, macOS: brew install python)",
  );
}

async function missingOf(requirements: readonly Requirement[]): Promise<Requirement[]> {
  if (!(await isUsable(venvFolder))) return [...requirements];
  const found = await Promise.all(
    requirements.map(async (name) => {
      const marker = await readFile(markerFile(name), "utf8").catch(() => undefined);
      return marker === (await digestOf(name));
    }),
  );
  return requirements.filter((_, index) => !found[index]);
}

/**
 * Whether a virtual environment has an interpreter that sees its packages: they lie in a folder of the minor version, and after an
 * upgrade of the machine's Python the same link leads to another one.
 */
export async function isUsable(folder: string): Promise<boolean> {
  const python = join(folder, "bin", "python");
  if (!(await isExecutable(python))) return false;
  const named = /python(\d+\.\d+)$/.exec(await realpath(python))?.[1];
  const minor = named ?? (await runTool(python, ["-I", "-c", MINOR_VERSION]).catch(() => "")).trim();
  return access(join(folder, "lib", `python${minor}`)).then(
    () => true,
    () => false,
  );
}

async function digestOf(name: Requirement): Promise<string> {
  return createHash("sha256")
    .update(await readFile(requirementFile(name)))
    .digest("hex");
}

function requirementFile(name: Requirement): string {
  return join(import.meta.dirname, "python", `${name}.txt`);
}

function markerFile(name: Requirement): string {
  return join(venvFolder, `${name}.sha256`);
}
