// Once for a test run: names the folder of its shared services, and at the end stops and deletes them.
// Sets that a killed run left behind are removed first.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../local/services/layout.ts";
import { identify } from "../../local/services/process-identity.ts";
import { removeServices } from "../../local/services/services.ts";
import { directoryVariable } from "./services.ts";

const runs = join(projectRoot, ".greenlight", "test");

export default async function setup(): Promise<() => Promise<void>> {
  await removeLeftovers();
  const directory = join(runs, String(process.pid));
  process.env[directoryVariable] = directory;
  return () => removeRun(directory);
}

async function removeLeftovers(): Promise<void> {
  const names = await readdir(runs).catch(() => []);
  for (const name of names) {
    const owner = await identify(Number(name));
    if (owner === undefined || Number(name) === process.pid) await removeRun(join(runs, name));
  }
}

async function removeRun(directory: string): Promise<void> {
  await removeServices({ directory });
  await rm(directory, { recursive: true, force: true });
}
