// The project-owned virtual environment with the pinned packages of local/services/python.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { venvFolder } from "./layout.ts";
import { withLock } from "./lock.ts";
import { findOnPath, isExecutable, runTool } from "./tool.ts";

/** Names of the requirement files. */
export type Requirement = "aws" | "postgresql" | "valkey";

const INSTALL_SECONDS = 600;
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
    if (!(await isExecutable(venvPython))) await createVenv();
    const files = missing.flatMap((name) => ["-r", requirementFile(name)]);
    await runTool(venvPython, [
      ...["-m", "pip", "install", "--require-hashes", "--only-binary=:all:", "--no-compile"],
      ...["--quiet", "--disable-pip-version-check", "--no-input", ...files],
    ]);
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

async function createVenv(): Promise<void> {
  const python = await findPython();
  if (python === undefined) {
    throw new Error(
      "python: no python3 of version 3.10 or later on PATH; install it (Debian: apt install python3 python3-venv, macOS: brew install python)",
    );
  }
  await mkdir(dirname(venvFolder), { recursive: true });
  await rm(venvFolder, { recursive: true, force: true });
  try {
    await runTool(python.file, ["-m", "venv", venvFolder]);
  } catch (cause) {
    await rm(venvFolder, { recursive: true, force: true });
    // Debian splits pip's bootstrap from Python; a pip of the machine can fill an empty environment just as well.
    await runTool(python.file, ["-m", "venv", "--without-pip", venvFolder])
      .then(() => runTool(python.file, ["-m", "pip", "--python", venvPython, "install", "--quiet", "pip"]))
      .catch(async () => {
        await rm(venvFolder, { recursive: true, force: true });
        throw new Error(
          `python "${python.file}": cannot make a virtual environment; install its venv module (Debian: apt install python3-venv)`,
          { cause },
        );
      });
  }
}

async function missingOf(requirements: readonly Requirement[]): Promise<Requirement[]> {
  const found = await Promise.all(
    requirements.map(async (name) => {
      const marker = await readFile(markerFile(name), "utf8").catch(() => undefined);
      return marker === (await digestOf(name)) && (await isExecutable(venvPython));
    }),
  );
  return requirements.filter((_, index) => !found[index]);
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
