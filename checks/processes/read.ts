// What pm2 and the system tell of processes.
import { execFile } from "node:child_process";
import { readFile, statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { jsonOf } from "../json-of.ts";

const list = z.array(
  z.object({
    name: z.string(),
    pid: z.number(),
    pm_id: z.number(),
    pm2_env: z.object({
      status: z.string(),
      restart_time: z.number().default(0),
      max_memory_restart: z.number().optional(),
      pm_cwd: z.string(),
    }),
  }),
);

export interface Process {
  name: string;
  id: number;
  pid: number;
  /** `online`, `launching`, `errored`, `stopped` … */
  status: string;
  restarts: number;
  /** Undefined without a limit. */
  memoryBytes: number | undefined;
  folder: string;
}

/** All processes of the pm2 whose folder is PM2_HOME. @throws when pm2 cannot be asked */
export async function readList(signal: AbortSignal): Promise<Process[]> {
  const home = dirname(createRequire(import.meta.url).resolve("pm2/package.json"));
  const env = { ...process.env, PM2_DISCRETE_MODE: "true" };
  const options = { env, signal, maxBuffer: 16 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, [join(home, "bin/pm2"), "jlist"], options);
  return listOf(stdout);
}

/** @param stdout what `pm2 jlist` wrote. @throws when no list is in it */
export function listOf(stdout: string): Process[] {
  // A daemon that this very command started says so before the list.
  const start = stdout.search(/^\[\]|^\[\{/m);
  const found = start < 0 ? undefined : jsonOf(stdout.slice(start));
  if (found === undefined)
    throw new Error(`pm2 jlist: no list of processes: ${JSON.stringify(stdout.trim().slice(0, 200))}`);
  return list.parse(found).map(({ name, pid, pm_id: id, pm2_env: told }) => ({
    ...{ name, id, pid, status: told.status, restarts: told.restart_time },
    ...{ memoryBytes: told.max_memory_restart, folder: told.pm_cwd },
  }));
}

/** How many processors a process may run on; undefined where the system does not tell. */
export async function processorsOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  return allowed === undefined ? undefined : countOf(allowed);
}

/** @param ranges as Linux writes them, e.g. `0-2,5` */
export function countOf(ranges: string): number {
  return ranges.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

export async function freeMegabytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.floor((bavail * bsize) / 1_000_000);
}
