// Once for a test run: says what is skipped for want of the official engine, names the folder of its shared services, and at the end
// stops and deletes them. What a run left whose machine went down is removed by the next one.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { keepFromProxy } from "../../local/proxy.ts";
import { foreignVariables } from "../../local/services/environment.ts";
import { identify } from "../../local/services/process-identity.ts";
import { officialCommand } from "../engine/parity/official-command.ts";
import { directoryVariable } from "./services.ts";
import { removeSets, runs } from "./services-removal.ts";

// What a person has for services of their own, which no test may reach.
const OTHERS =
  /^(GREENLIGHT_\w+|PULUMI_(BACKEND_URL|STACK|CONFIG_PASSPHRASE_FILE)|NODE_EXTRA_CA_CERTS|PM2_HOME)$/;

export default async function setup(): Promise<() => Promise<void>> {
  const others = Object.keys(process.env).filter((name) => OTHERS.test(name));
  for (const name of [...others, ...foreignVariables(process.env, {})]) delete process.env[name];
  keepFromProxy(process.env);
  const command = officialCommand();
  console.log(
    command === undefined
      ? "official engine: the Pulumi CLI is not on PATH, so the tests that need it are skipped"
      : `official engine: ${command}`,
  );
  await removeSets(async (pid) => pid === process.pid || (await identify(pid)) === undefined);
  process.env[directoryVariable] = join(runs, String(process.pid));
  watch();
  return () => removeSets((pid) => pid === process.pid);
}

/** vitest does not reach the end above when it is interrupted or killed: a process of its own waits for that. */
function watch(): void {
  const script = join(import.meta.dirname, "services-removal.ts");
  const stdio = ["pipe", "ignore", "ignore"] as const;
  spawn(process.execPath, [script, String(process.pid)], { detached: true, stdio: [...stdio] }).unref();
}
