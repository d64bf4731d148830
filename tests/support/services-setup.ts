// Once for a test run: names the folder of its shared services, and at the end stops and deletes them.
// Sets that a killed run left behind are removed first. Folders are named after the run's process: `PID` or `PID.LABEL`.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../local/services/layout.ts";
import { identify } from "../../local/services/process-identity.ts";
import { removeServices } from "../../local/services/services.ts";
import { directoryVariable } from "./services.ts";

const runs = join(projectRoot, ".greenlight", "test");

export default async function setup(): Promise<() => Promise<void>> {
  const ours = (pid: number) => Promise.resolve(pid === process.pid);
  await removeSets(async (pid) => pid === process.pid || (await identify(pid)) === undefined);
  process.env[directoryVariable] = join(runs, String(process.pid));
  // vitest runs the end below when it is interrupted, not when it is told to terminate.
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.once(signal, () => void removeSets(ours).finally(() => process.exit(code)));
  }
  return () => removeSets(ours);
}

async function removeSets(isOver: (pid: number) => Promise<boolean>): Promise<void> {
  for (const name of await readdir(runs).catch(() => [])) {
    if (!(await isOver(Number.parseInt(name, 10)))) continue;
    const directory = join(runs, name);
    await removeServices({ directory });
    await rm(directory, { recursive: true, force: true });
  }
}
