// The release command: starts the application, or replaces the running one without a gap, and waits until the new
// release answers. Running it twice is the same as once. Environment: that of main.ts, and PM2_HOME.
//
// A release whose variables are wrong is refused before the running one is touched.
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { readDefinitions } from "./environment.ts";
import { readFaults } from "./faults.ts";
import { applicationEnvironment, ecosystemFile, findProcess, pm2 } from "./pm2.ts";
import { readSettings } from "./settings.ts";
import { loadVariables } from "./variables.ts";

const deadlineSeconds = 60;
const answer = z.object({ version: z.string() });

/** @throws when the release does not answer within the deadline, with the last lines of its error output. */
async function startRelease(environment: NodeJS.ProcessEnv): Promise<void> {
  const { RELEASE_VERSION: wanted, PORT: port } = environment;
  if (!wanted || !port) throw new Error("release: RELEASE_VERSION and PORT must be set");
  const definitions = await readDefinitions();
  readFaults(environment.FAULTS);
  readSettings(definitions, await loadVariables(environment));
  const variables = environment.APP_SECRET_ID ? [] : definitions.map((definition) => definition.name);
  const given = applicationEnvironment(environment, variables);
  await pm2(given, "startOrReload", ecosystemFile, "--update-env");
  const url = `http://${environment.HOST ?? "127.0.0.1"}:${port}/api/version`;
  // pm2 returns when the old process is gone, so whatever answers now is the new one. A release that lies about its
  // version is for the release check to find.
  const version = await waitForAnswer(url, given, performance.now() + deadlineSeconds * 1_000);
  if (version === undefined)
    throw new Error(`release "${wanted}": ${url} does not answer; ${await errorTail(given)}`);
  console.log(`release "${wanted}": ${url} answers with version ${version}`);
}

/** The version that answers, or undefined at the deadline or when pm2 has given the process up. */
async function waitForAnswer(
  url: string,
  given: Record<string, string>,
  deadline: number,
): Promise<string | undefined> {
  while (performance.now() < deadline) {
    const version = await readVersion(url);
    if (version !== undefined) return version;
    if ((await findProcess(given))?.status === "errored") return undefined;
    await setTimeout(200);
  }
  return undefined;
}

async function readVersion(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return answer.parse(await response.json()).version;
  } catch {
    return undefined; // not up yet; the deadline decides
  }
}

async function errorTail(given: Record<string, string>): Promise<string> {
  const file = (await findProcess(given))?.errorFile;
  if (!file) return "pm2 has no error output of it";
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n").slice(-15);
  return `its error output ends:\n${lines.join("\n")}`;
}

try {
  await startRelease(process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
