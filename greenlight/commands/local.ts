// `greenlight local`: the local services from the command line.

import { parseArgs } from "node:util";
import type { Progress } from "../../local/services/progress.ts";
import {
  foreignVariables,
  recordedServices,
  removeServices,
  type ServiceStatus,
  servicesEnvironment,
  servicesStatus,
  startServices,
  stopServices,
} from "../../local/services/services.ts";
import { type Command, UsageError } from "../command.ts";

const usage = `usage: greenlight local start | stop | status [--json] | env [--json] | reset

  start   starts PostgreSQL, Valkey, the AWS emulator and the mail and webhook sink on 127.0.0.1;
          what runs already is left alone, and the applications that ran at the last stop come back
  stop    stops the applications and all services cleanly; data, ports and credentials are kept
  status  what each service is doing; exit code 1 when one is not running
  env     the variables with which the Pulumi CLI uses them: eval "$(npx greenlight local env)"
  reset   stops and deletes everything: data, logs, credentials and the Pulumi state in .greenlight/state`;

export const local: Command = {
  usage,
  async run(args) {
    const { action, json } = readArguments(args);
    switch (action) {
      case "start":
        await startServices({ onProgress: show });
        process.stderr.write('the variables for programs: eval "$(npx greenlight local env)"\n');
        return 0;
      case "stop":
        await stopServices({ onProgress: show });
        return 0;
      case "status":
        return showStatus(await servicesStatus(), json);
      case "env":
        return await showEnvironment(json);
      case "reset":
        await removeServices({ onProgress: show });
        process.stderr.write(
          "data, logs, credentials and state deleted; greenlight local start begins anew\n",
        );
        return 0;
      default:
        throw new UsageError(action === undefined ? "want an action" : `no action "${action}"`);
    }
  },
};

function readArguments(args: string[]): { action: string | undefined; json: boolean } {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean", default: false } },
  });
  const [action, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`unexpected "${more.join(" ")}"`);
  if (values.json && action !== "status" && action !== "env")
    throw new UsageError("--json goes with status and env");
  return { action, json: values.json };
}

function show({ service, text }: Progress): void {
  process.stderr.write(`${service.padEnd(12)} ${text.replaceAll("\n", `\n${"".padEnd(13)}`)}\n`);
}

function showStatus(statuses: ServiceStatus[], json: boolean): number {
  const services = statuses.filter((status) => status.name !== "application");
  const allRun = services.length > 0 && services.every((status) => status.state === "running");
  if (json) {
    process.stdout.write(`${JSON.stringify(statuses, null, 2)}\n`);
  } else if (statuses.length === 0) {
    process.stdout.write("never started; greenlight local start starts the services\n");
  } else {
    for (const status of statuses) process.stdout.write(`${describe(status)}\n`);
  }
  return allRun ? 0 : 1;
}

function describe({ name, state, port, pid, detail, logFile }: ServiceStatus): string {
  const line = `${name.padEnd(12)} ${state.padEnd(8)} ${port === undefined ? "no port" : `127.0.0.1:${port}`}`;
  if (state === "running") return `${line}  pid ${pid}  ${detail}`;
  if (state === "stopped") return line;
  const lines = detail.split("\n").map((text) => `    ${text}`);
  return [`${line}  its log ends (${logFile}):`, ...lines].join("\n");
}

async function showEnvironment(json: boolean): Promise<number> {
  const services = await recordedServices();
  if (services === undefined) {
    process.stderr.write("greenlight local env: never started; run greenlight local start\n");
    return 1;
  }
  const statuses = await servicesStatus();
  const down = statuses
    .filter((status) => status.state !== "running" && status.name !== "application")
    .map((status) => status.name);
  if (down.length > 0)
    process.stderr.write(`# not running: ${down.join(", ")}; run greenlight local start\n`);
  const environment = servicesEnvironment(services);
  const others = foreignVariables(process.env, environment);
  process.stdout.write(
    json ? `${JSON.stringify(environment, null, 2)}\n` : renderUnset(others) + renderExports(environment),
  );
  return 0;
}

/** A line for a POSIX shell, where there is anything. */
export function renderUnset(names: string[]): string {
  return names.length === 0 ? "" : `unset ${names.join(" ")}\n`;
}

/** Lines for a POSIX shell. */
export function renderExports(environment: Record<string, string>): string {
  return Object.entries(environment)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}
