// The folder layout of Pulumi's `file://` backend. Paths and listings only; contents are checkpoint.ts, lock.ts, history.ts.
import { readdir } from "node:fs/promises";
import { homedir, hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutSecrets } from "../../../checks/backend-address.ts";
import { readOptional, writeAtomically } from "./atomic-file.ts";
import { Failure, isSystemError, notSupported } from "./failure.ts";

const STACK_NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** One stack of a backend, in the folder layout of project-scoped stacks. */
export interface StackReference {
  project: string;
  name: string;
}

/** A `file://` backend. */
export interface Backend {
  /** As given, e.g. `file://~`. */
  url: string;
  /** Absolute path of its `.pulumi` folder. */
  root: string;
}

/** Resolves a backend URL; relative paths start at `base`. @throws Failure for anything but `file://`. */
export function openBackend(url: string, base: string): Backend {
  if (!url.startsWith("file://")) {
    throw notSupported(`backend "${withoutSecrets(url)}"`);
  }
  const path = url.slice("file://".length);
  if (path === "~" || path.startsWith("~/")) return { url, root: join(homedir(), path.slice(1), ".pulumi") };
  if (path.startsWith("/")) return { url, root: join(folderOf(url), ".pulumi") };
  return { url, root: join(resolve(base, path || "."), ".pulumi") };
}

// What follows a # or ? is no part of an address's path: the stacks would lie in another folder than the one that is named.
function folderOf(url: string): string {
  const refuse = (cause?: unknown) =>
    new Failure(`backend "${url}": not an address of a folder; write # as %23, ? as %3F and % as %25`, 1, {
      cause,
    });
  if (/[#?]/.test(url)) throw refuse();
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw refuse(error);
  }
}

/** Reads `s`, `organization/s` or `organization/project/s`. @throws Failure for other forms. */
export function parseStackReference(text: string, project: string): StackReference {
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  const given = parts.length === 3 ? parts[1] : project;
  if (parts.length > 3 || (parts.length > 1 && parts[0] !== "organization") || !given) {
    throw new Failure(`stack "${text}": want NAME, organization/NAME or organization/PROJECT/NAME`);
  }
  if (!STACK_NAME.test(name)) {
    throw new Failure(
      `stack "${text}": a stack name is 1 to 100 letters, digits, hyphens, underscores and periods`,
    );
  }
  return { project: given, name };
}

/** `organization/<project>/<stack>`, as checkpoints name a stack. */
export function fullName(stack: StackReference): string {
  return `organization/${stack.project}/${stack.name}`;
}

/** Places of one stack's files. */
export function stackPaths(backend: Backend, stack: StackReference) {
  const file = join(backend.root, "stacks", stack.project, `${stack.name}.json`);
  return {
    file,
    previous: `${file}.bak`,
    journal: `${file}.journal`,
    tags: join(backend.root, "stacks", stack.project, `${stack.name}.pulumi-tags`),
    history: join(backend.root, "history", stack.project, stack.name),
    backups: join(backend.root, "backups", stack.project, stack.name),
    locks: join(backend.root, "locks", "organization", stack.project, stack.name),
  };
}

/** Marks a new backend as one with project-scoped stacks. @throws Failure for a layout of another version. */
export async function requireLayout(backend: Backend): Promise<void> {
  const path = join(backend.root, "meta.yaml");
  const text = await readOptional(path);
  if (text === undefined) {
    const legacy = (await list(join(backend.root, "stacks"))).some((entry) => entry.endsWith(".json"));
    if (legacy) throw notSupported(`backend "${backend.url}" in the layout without projects`);
    await writeAtomically(path, "version: 1\n", 0o644);
    return;
  }
  if (!/^version:\s*1\s*$/m.test(text)) throw notSupported(`backend "${backend.url}" with ${text.trim()}`);
}

/** Names of all stacks of a project, or of all projects, sorted. Packed state files are named by `packed`. */
export async function listStacks(backend: Backend, project?: string): Promise<StackReference[]> {
  const projects = project === undefined ? await list(join(backend.root, "stacks")) : [project];
  const found: StackReference[] = [];
  for (const name of projects.sort()) {
    for (const file of (await list(join(backend.root, "stacks", name))).sort()) {
      const stack = /^(.+)\.json(\.gz|\.zst)?$/.exec(file)?.[1];
      if (stack) found.push({ project: name, name: stack });
    }
  }
  return found;
}

/** Entries of a folder; none when there is no such folder. */
export async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isSystemError(error, "ENOENT") || isSystemError(error, "ENOTDIR")) return [];
    throw error;
  }
}

/** Who works on a stack, as locks and `whoami` name it. @throws Failure where the system has no name for this user. */
export function currentUser(): { username: string; hostname: string } {
  try {
    return { username: userInfo().username, hostname: hostname() };
  } catch (error) {
    throw new Failure(
      `user id ${process.getuid?.()}: has no name on this machine, which locks need; add it to /etc/passwd`,
      1,
      { cause: error },
    );
  }
}
