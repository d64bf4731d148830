// Which stack of a project is selected: Pulumi's own file below $PULUMI_HOME, so both command lines agree.
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { readOptional, writeAtomically } from "../state/atomic-file.ts";
import { Failure } from "../state/failure.ts";

interface Settings {
  stack?: string;
  stacks?: { [backend: string]: string };
}

/** `$PULUMI_HOME`, `~/.pulumi` by default. */
export function pulumiHome(environment: NodeJS.ProcessEnv): string {
  return environment.PULUMI_HOME || join(homedir(), ".pulumi");
}

function settingsPath(projectPath: string, projectName: string, environment: NodeJS.ProcessEnv): string {
  const digest = createHash("sha1").update(projectPath).digest("hex");
  return join(pulumiHome(environment), "workspaces", `${basename(projectName)}-${digest}-workspace.json`);
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readOptional(path);
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Failure(`workspace "${path}": not a JSON document; remove it and select a stack`, 1, {
      cause: error,
    });
  }
}

/** The selected stack's reference, undefined when none is. */
export async function selectedStack(
  project: { path: string; name: string },
  backendUrl: string,
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const settings = await readSettings(settingsPath(project.path, project.name, environment));
  return settings.stacks?.[backendUrl] ?? settings.stack;
}

/** Selects a stack; undefined selects none. */
export async function selectStack(
  project: { path: string; name: string },
  backendUrl: string,
  reference: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const path = settingsPath(project.path, project.name, environment);
  const settings = await readSettings(path);
  const { stack: _, stacks = {}, ...rest } = settings;
  const { [backendUrl]: __, ...others } = stacks;
  const chosen = reference === undefined ? others : { ...others, [backendUrl]: reference };
  await writeAtomically(
    path,
    JSON.stringify({ ...rest, ...(reference && { stack: reference }), stacks: chosen }),
  );
}

/** The backend that `pulumi login` chose, from `credentials.json`. */
export async function loggedInBackend(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const text = await readOptional(join(pulumiHome(environment), "credentials.json"));
  if (text === undefined) return undefined;
  const { current } = JSON.parse(text);
  return typeof current === "string" && current ? current : undefined;
}
