// Pulumi.yaml: found by walking up, read into the project that the engine runs. Its `config` is config-schema.ts.
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { parseDocument } from "yaml";
import { Failure, isSystemError, notSupported } from "../state/failure.ts";
import type { Project, Value } from "../types.ts";
import { asRead, writtenTime } from "./plain-scalar.ts";

type Json = { [key: string]: Value };

/** A project with what only the command line needs of it. */
export interface ProjectFile extends Project {
  /** Path of Pulumi.yaml. */
  path: string;
  description: string;
  /** The `config` section, `{}` when there is none. */
  configSchema: Json;
  /** Folder of the stack files, absolute. */
  stackFolder: string;
  /** `backend.url`. */
  backendUrl: string | undefined;
  /** `options.refresh: always`. */
  alwaysRefresh: boolean;
  /** Says which versions of Pulumi may run it. */
  requiresVersion: boolean;
}

/** How deep in the document a `default` or `value` of a key of `config` is. */
const DEFAULT_DEPTH = 7;

const NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** Path of the project file of a folder or the nearest folder above it. @throws Failure when there is none. */
export function findProjectFile(folder: string): string {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = NAMES.map((name) => join(at, name)).find(isFile);
    if (found) return found;
    if (dirname(at) === at) {
      throw new Failure(
        `no Pulumi.yaml project file found (searching upwards from ${resolve(folder)}); change to a project's folder or use -C`,
      );
    }
  }
}

/** Reads a project file. @throws Failure naming file and key of the first fault. */
export function readProjectFile(path: string): ProjectFile {
  const fault = (text: string, cause?: unknown) => new Failure(`project "${path}": ${text}`, 1, { cause });
  let document: Value;
  try {
    const written = parseDocument(readFileSync(path, "utf8"), { merge: true });
    const [error] = written.errors;
    if (error) throw error;
    document = asRead(written, DEFAULT_DEPTH, writtenTime).toJS();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) throw fault("does not exist");
    throw fault(`cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : error}`, error);
  }
  if (!isObject(document)) throw fault("is empty or not a mapping, want name and runtime");
  requireKinds(document, fault);
  const { name, runtime, description, main, config, stackConfigDir, backend, options } = document;
  if (typeof name !== "string" || !/^[A-Za-z0-9_.-]{1,100}$/.test(name)) {
    throw fault("name must be 1 to 100 letters, digits, hyphens, underscores and periods");
  }
  const [language, runtimeOptions] = readRuntime(runtime, fault);
  if (language !== "nodejs") throw notSupported(`project "${name}" with runtime "${language}"`);
  const root = dirname(path);
  const legacyFolder = typeof config === "string" ? config : undefined;
  return {
    name,
    root,
    ...programOf(root, typeof main === "string" ? main : undefined),
    runtimeOptions,
    path,
    description: typeof description === "string" ? description : "",
    configSchema: isObject(config) ? config : {},
    stackFolder: resolve(root, typeof stackConfigDir === "string" ? stackConfigDir : (legacyFolder ?? ".")),
    backendUrl: isObject(backend) && typeof backend.url === "string" ? backend.url : undefined,
    alwaysRefresh: isObject(options) && options.refresh === "always",
    requiresVersion: Boolean(document.requiredPulumiVersion),
  };
}

/** A misspelled setting is told and not passed over, as with the official command. */
function requireKinds(document: Json, fault: (text: string) => Failure): void {
  const { backend, options } = document;
  for (const key of ["main", "stackConfigDir", "description"]) {
    const value = document[key] ?? "";
    if (typeof value !== "string") throw fault(`${key} must be a text, got ${JSON.stringify(value)}`);
  }
  requireOnly("backend", backend, "url", (url) => typeof url === "string", "a text", fault);
  requireOnly("options", options, "refresh", (refresh) => refresh === "always", '"always"', fault);
}

function requireOnly(
  section: string,
  value: Value | undefined,
  key: string,
  fits: (value: Value) => boolean,
  want: string,
  fault: (text: string) => Failure,
): void {
  if (value === undefined || value === null) return;
  if (!isObject(value) || Object.keys(value).some((other) => other !== key)) {
    throw fault(`${section} must be a mapping with nothing but ${key}, got ${JSON.stringify(value)}`);
  }
  const given = value[key];
  if (given !== undefined && !fits(given))
    throw fault(`${section}.${key} must be ${want}, got ${JSON.stringify(given)}`);
}

/** Path of a stack's configuration file, with the extension of the project file. */
export function stackFilePath(project: ProjectFile, stack: string): string {
  return join(project.stackFolder, `Pulumi.${stack}${extname(project.path)}`);
}

function readRuntime(runtime: Value | undefined, fault: (text: string) => Failure): [string, Json] {
  if (typeof runtime === "string" && runtime) return [runtime, {}];
  if (isObject(runtime) && typeof runtime.name === "string") {
    return [runtime.name, isObject(runtime.options) ? runtime.options : {}];
  }
  throw fault("runtime must be a name or {name, options}");
}

// `main` names the program's folder or its entry file; without it the project's folder is the program.
function programOf(root: string, main: string | undefined): { programDirectory: string; entry: string } {
  if (!main) return { programDirectory: root, entry: "." };
  const path = resolve(root, main);
  if (isFile(path)) return { programDirectory: dirname(path), entry: basename(path) };
  return { programDirectory: path, entry: "." };
}

/** What runs a project, also to refresh or destroy, wants its program. @throws Failure when `main` names nothing. */
export function requireProgram({ path, programDirectory, requiresVersion }: ProjectFile): void {
  if (requiresVersion) throw notSupported(`project "${path}" with requiredPulumiVersion`);
  if (statSync(programDirectory, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new Failure(
    `project "${path}": main "${programDirectory}" does not exist, want the program's folder or file`,
  );
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** True for a mapping. */
export function isObject(value: Value | undefined): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path for people: relative to the working directory when it is below it. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
