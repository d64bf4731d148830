// Release commands: an application under pm2 started, replaced without a gap, or taken away. Running one twice is the
// same as once. A release whose variables are wrong is refused before the running one is touched.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { readDefinitions, type Variable, type Variables } from "./environment.ts";
import { applicationEnvironment, findProcess, pm2 } from "./pm2.ts";
import { loadVariables } from "./variables.ts";

const deadlineSeconds = 60;
const answer = z.object({ version: z.string() });

/** What a release consists of. */
export interface ReleaseParts {
  /** Folder of environment.yaml and ecosystem.config.cjs. */
  folder: string;
  /** The processes of the ecosystem file in the order in which they are started. */
  processes: ManagedApplication[];
  /** Names of variables that its processes find in their environment besides the common ones, e.g. `WORKER_PORT`. */
  passedOn?: string[];
  /** @throws when the variables or anything else of the environment is wrong. */
  judge(definitions: Variable[], variables: Variables, environment: NodeJS.ProcessEnv): void;
}

export interface ManagedApplication {
  /** Its name in pm2. */
  name: string;
  /** The variable that holds its port, e.g. `PORT`. */
  port: string;
  /** Answers with a JSON object that has a `version`. */
  versionPath: string;
}

/** @throws when a process does not answer within the deadline, with the last lines of its error output. */
export async function startRelease(parts: ReleaseParts, environment: NodeJS.ProcessEnv): Promise<void> {
  const given = await prepareRelease(parts, environment);
  await pm2(given, "startOrReload", ecosystemOf(parts), "--update-env");
  for (const one of parts.processes) await waitForRelease(one, environment, given);
}

/**
 * The environment of the processes, once everything about the release has been judged.
 * @throws when it is wrong.
 */
export async function prepareRelease(
  parts: ReleaseParts,
  environment: NodeJS.ProcessEnv,
): Promise<Record<string, string>> {
  const missing = ["RELEASE_VERSION", ...parts.processes.map(({ port }) => port)].filter(
    (name) => !environment[name],
  );
  if (missing.length > 0) throw new Error(`release: ${missing.join(" and ")} must be set`);
  const definitions = await readDefinitions(join(parts.folder, "environment.yaml"));
  parts.judge(definitions, await loadVariables(environment), environment);
  const variables = environment.APP_SECRET_ID ? [] : definitions.map((definition) => definition.name);
  return applicationEnvironment(environment, [...(parts.passedOn ?? []), ...variables]);
}

/** pm2's description of the processes. */
export function ecosystemOf(parts: Pick<ReleaseParts, "folder">): string {
  return join(parts.folder, "ecosystem.config.cjs");
}

/**
 * Waits until a process answers. pm2 returns when the old one is gone, so whatever answers now is the new one; a release
 * that lies about its version is for the release check to find.
 * @throws at the deadline or when pm2 has given the process up.
 */
export async function waitForRelease(
  { name, port, versionPath }: ManagedApplication,
  environment: NodeJS.ProcessEnv,
  given: Record<string, string>,
): Promise<void> {
  const url = `http://${environment.HOST ?? "127.0.0.1"}:${environment[port]}${versionPath}`;
  const deadline = performance.now() + deadlineSeconds * 1_000;
  while (performance.now() < deadline) {
    const version = await readVersion(url);
    if (version !== undefined) {
      console.log(`release "${environment.RELEASE_VERSION}": ${url} answers with version ${version}`);
      return;
    }
    if ((await findProcess(given, name))?.status === "errored") break;
    await setTimeout(200);
  }
  const tail = await errorTail(given, name);
  throw new Error(`release "${environment.RELEASE_VERSION}": ${url} does not answer; ${tail}`);
}

async function readVersion(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.parse(await response.json()).version;
  } catch {
    return undefined; // not up yet; the deadline decides
  }
}

async function errorTail(given: Record<string, string>, name: string): Promise<string> {
  const file = (await findProcess(given, name))?.errorFile;
  if (!file) return "pm2 has no error output of it";
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n").slice(-15);
  return `its error output ends:\n${lines.join("\n")}`;
}

/**
 * Stops processes and forgets them; succeeds also when they do not run. pm2's daemon stays, as other applications may be
 * under it.
 */
export async function stopRelease(names: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const given = applicationEnvironment(environment);
  for (const name of names) {
    if (await findProcess(given, name)) await pm2(given, "delete", name);
    console.log(`${name}: stopped`);
  }
}

/** Runs a release command: what goes wrong is one message on standard error and exit code 1. */
export async function runCommand(work: (environment: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  try {
    await work(process.env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
