// pm2's command line, run on this very Node and with a small environment: its daemon and the application inherit
// nothing of the operator's shell, so neither holds a secret of the deployment.
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const passedOn = [
  "PATH",
  "HOME",
  "LANG",
  "TZ",
  "PM2_HOME",
  "PORT",
  "HOST",
  "RELEASE_VERSION",
  "APP_SECRET_ID",
  "AGENT_SECRET_ID",
  "BACKUP_SECRET_ID",
  "FAULTS",
  "LOG_FILE",
  "NODE_EXTRA_CA_CERTS",
  "PGSSLROOTCERT",
  "AWS_ENDPOINT_URL",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_PROFILE",
  "AWS_CONFIG_FILE",
  "AWS_SHARED_CREDENTIALS_FILE",
  "AWS_ROLE_ARN",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
];

/**
 * What the application's process is given of an environment. FAULTS is always said, so that a reload clears it.
 * @param names of further variables that the application must find in its own environment.
 */
export function applicationEnvironment(
  environment: NodeJS.ProcessEnv,
  names: readonly string[] = [],
): Record<string, string> {
  const authority = environment.NODE_EXTRA_CA_CERTS ?? environment.GREENLIGHT_CA_FILE;
  // pm2 looks for `node` on PATH to learn whether TypeScript runs as it is: it must find this one.
  const PATH = [dirname(process.execPath), environment.PATH].join(delimiter);
  const wanted: NodeJS.ProcessEnv = { ...environment, PATH, NODE_EXTRA_CA_CERTS: authority };
  const kept = [...passedOn, ...names].flatMap((name): [string, string][] => {
    const value = wanted[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { FAULTS: "", ...Object.fromEntries(kept), NODE_ENV: "production", PM2_DISCRETE_MODE: "true" };
}

/** One process as pm2 knows it. */
export interface ManagedProcess {
  name: string;
  /** `online`, `launching`, `errored`, `stopped` … */
  status: string;
  errorFile: string | undefined;
}

const list = z.array(
  z.object({
    name: z.string(),
    pm2_env: z.object({ status: z.string(), pm_err_log_path: z.string().optional() }),
  }),
);

/**
 * Runs one pm2 command and returns what it printed.
 * @param environment as applicationEnvironment makes it.
 * @throws when its exit code is not 0.
 */
export async function pm2(environment: Record<string, string>, ...args: string[]): Promise<string> {
  const home = dirname(createRequire(import.meta.url).resolve("pm2/package.json"));
  const command = [join(home, "bin", "pm2"), ...args];
  const options = { env: environment, maxBuffer: 16 * 1024 * 1024 };
  return (await promisify(execFile)(process.execPath, command, options)).stdout;
}

/** The process of this name, if pm2 has it. */
export async function findProcess(
  environment: Record<string, string>,
  name: string,
): Promise<ManagedProcess | undefined> {
  const printed = await pm2(environment, "jlist");
  // A daemon that this very command started says so before the list.
  const found = list.parse(JSON.parse(printed.slice(printed.search(/^\[\]|^\[\{/m))));
  const one = found.find((process) => process.name === name);
  return one && { name: one.name, status: one.pm2_env.status, errorFile: one.pm2_env.pm_err_log_path };
}
