// Whether what is installed is what the lock file says: each package there, in its version and with its checksum, and none
// beside. Ends with 1 where it is not. Argument: the folder of package-lock.json.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const locked = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      optional: z.boolean().optional(),
    }),
  ),
});

const folder = process.argv[2] ?? ".";
const read = async (file: string) =>
  locked.parse(JSON.parse(await readFile(join(folder, file), "utf8"))).packages;
const wanted = await read("package-lock.json");
// What npm writes at the end of each installation.
const installed = await read("node_modules/.package-lock.json");

const faults = [
  ...Object.entries(wanted).flatMap(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    if (path === "" || (found === undefined && optional)) return [];
    if (found === undefined) return [`${path}: not installed`];
    return found.version === version && found.integrity === integrity ? [] : [`${path}: not as locked`];
  }),
  ...Object.keys(installed).flatMap((path) => (path in wanted ? [] : [`${path}: not in the lock file`])),
];
for (const fault of faults) console.log(fault);
console.log(
  faults.length === 0
    ? `${Object.keys(installed).length} packages installed as locked`
    : `${faults.length} packages are not as locked; run npm ci`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
