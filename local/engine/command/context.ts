// What commands about a stack begin with: project, backend, the stack asked for, its file and its key.
import { existsSync, readFileSync } from "node:fs";
import { type RawConfig, readRawConfig } from "../project/config.ts";
import {
  findProjectFile,
  type ProjectFile,
  readProjectFile,
  stackFilePath,
} from "../project/project-file.ts";
import { StackFile } from "../project/stack-file.ts";
import { loggedInBackend, selectedStack } from "../project/workspace.ts";
import {
  type Backend,
  fullName,
  openBackend,
  parseStackReference,
  type StackReference,
  stackPaths,
} from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import { type Crypter, createCrypter, openCrypter, startDerivation } from "../state/passphrase.ts";
import { readStored } from "../state/recovery.ts";
import { requireStored } from "../state/stack-store.ts";
import type { Call } from "./command.ts";

/** A project and where its stacks are. */
export interface ProjectContext {
  project: ProjectFile;
  backend: Backend;
}

/** A stack of a project and its configuration file. */
export interface StackContext extends ProjectContext {
  reference: StackReference;
  file: StackFile;
}

/** Opens the project of the working folder and its backend. @throws Failure when there is none. */
export async function openProject(call: Call): Promise<ProjectContext> {
  const project = readProjectFile(findProjectFile(process.cwd()));
  return { project, backend: await backendOf(project, call) };
}

/** The backend of the environment, the project or the login, in this order. */
export async function backendOf(project: ProjectFile | undefined, call: Call): Promise<Backend> {
  const chosen = call.environment.PULUMI_BACKEND_URL;
  if (chosen) return openBackend(chosen, process.cwd());
  if (project?.backendUrl) return openBackend(project.backendUrl, project.root);
  const url = await loggedInBackend(call.environment);
  if (url) return openBackend(url, process.cwd());
  throw new Failure("no backend chosen; set PULUMI_BACKEND_URL, e.g. to file://~");
}

/** Opens the stack of `--stack`, `PULUMI_STACK` or the selection. Begins to derive its key. */
export async function openStackContext(call: Call, name?: string): Promise<StackContext> {
  const context = await openProject(call);
  const { project, backend } = context;
  const asked = name ?? call.flags.text("stack") ?? call.environment.PULUMI_STACK;
  const chosen = asked || (await selectedStack(project, backend.url, call.environment));
  if (!chosen) {
    throw new Failure(
      "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
    );
  }
  const reference = parseStackReference(chosen, project.name);
  if (!existsSync(stackPaths(backend, reference).file)) await requireStored(backend, reference);
  const path = call.flags.text("config-file") ?? stackFilePath(project, reference.name);
  startFromFile(path, call.environment);
  return { ...context, reference, file: await StackFile.read(path) };
}

/** What runs a program wants a stack of its project: on another's, everything there would go. @throws Failure otherwise */
export function requireOwnProject({ name }: ProjectFile, reference: StackReference): void {
  if (reference.project === name) return;
  throw new Failure(
    `stack "${fullName(reference)}": provided project name "${reference.project}" doesn't match Pulumi.yaml, which says "${name}"; change to the project's folder or use -C`,
  );
}

// The derivation takes longer than everything else a short command does: it starts before the file is parsed.
function startFromFile(path: string, environment: NodeJS.ProcessEnv): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return;
  }
  const salt = /^"?encryptionsalt"?:\s*["']?([^\s"',]+)/m.exec(text)?.[1];
  if (salt) startDerivation(salt, environment);
}

/** The configuration with full keys, as in the file. */
export function rawConfig(context: StackContext): RawConfig {
  return readRawConfig(context.file.config, context.project.name);
}

/** The key of the stack's file. A file without salt takes the state's, else a new one, and keeps it. */
export async function openStackCrypter(context: StackContext, call: Call): Promise<Crypter> {
  const { file } = context;
  if (file.salt) return await openCrypter(file.salt, call.environment);
  const salt = (await readStored(stackPaths(context.backend, context.reference)))?.deployment.salt;
  const crypter = salt ? await openCrypter(salt, call.environment) : await createCrypter(call.environment);
  file.setSalt(crypter.salt);
  await file.write();
  return crypter;
}
