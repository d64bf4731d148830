// Removes the sets of services of test runs. As a program it waits for the end of the run whose id it is given, however
// that ends, and removes what the run left: node services-removal.ts PID, with a pipe from the run as standard input.

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../local/services/layout.ts";
import { removeServices } from "../../local/services/services.ts";

/** Holds a folder for every set, named after the process of its run: `PID` or `PID.LABEL`. */
export const runs = join(projectRoot, ".greenlight", "test");

/** Stops and deletes all sets of the runs for which `isOver` is true. */
export async function removeSets(isOver: (pid: number) => boolean | Promise<boolean>): Promise<void> {
  for (const name of await readdir(runs).catch(() => [])) {
    if (!(await isOver(Number.parseInt(name, 10)))) continue;
    const directory = join(runs, name);
    await removeServices({ directory });
    await rm(directory, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const run = Number(process.argv[2]);
  process.stdin.resume().once("end", () => void removeSets((pid) => pid === run));
}
