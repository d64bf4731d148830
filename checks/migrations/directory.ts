// Reads a directory of migrations once, whole, and refuses what has no clear order. It looks at no database.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, parseFileName, versionNumber } from "./naming.ts";

export interface SqlFile {
  /** File name within the directory, for messages. */
  path: string;
  sql: string;
  /** Lower-case hex over the file's bytes, as `sha256sum` prints it. */
  sha256: string;
}

export interface Migration extends SqlFile {
  kind: "versioned" | "repeatable";
  /** As written in the file name, e.g. `0004`; `R_reports` for a repeatable one. */
  version: string;
  name: string;
  down?: SqlFile;
}

export interface MigrationSet {
  directory: string;
  /** In the order in which they run. */
  migrations: Migration[];
  /** Changes when any up file is added, removed, renamed or edited. */
  digest: string;
}

/** @throws one message with every fault of the directory */
export function readMigrations(directory: string): MigrationSet {
  const faults: string[] = [];
  const ups = new Map<string, Migration>();
  const downs = new Map<string, SqlFile>();
  for (const path of sqlFilesOf(directory)) {
    const name = parseFileName(path);
    if (!name) {
      faults.push(`${path}: want NNNN_name.sql, NNNN_name.down.sql or R_name.sql; rename it`);
      continue;
    }
    const file = readSql(directory, path, faults);
    if (!file) continue;
    const key = name.kind === "repeatable" ? name.version : String(versionNumber(name.version));
    const known = name.kind === "down" ? downs.get(key) : ups.get(key);
    if (known)
      faults.push(`${path}: version ${name.version} is also ${known.path}; give one of them a new number`);
    else if (name.kind === "down") downs.set(key, file);
    else ups.set(key, { ...file, kind: name.kind, version: name.version, name: name.name });
  }
  for (const [key, down] of downs) {
    const up = ups.get(key);
    if (!up) faults.push(`${down.path}: no up file has its version; add the up file or remove this one`);
    else if (up.path !== down.path.replace(/\.down\.sql$/, ".sql"))
      faults.push(`${down.path}: the up file of this version is ${up.path}; give both the same name`);
    else up.down = down;
  }
  if (faults.length > 0) throw new Error(faults.join("; "));
  const migrations = [...ups.values()].sort((a, b) => compareVersions(a.version, b.version));
  return { directory, migrations, digest: digestOf(migrations) };
}

function sqlFilesOf(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".sql"))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    throw new Error(
      `directory "${directory}" does not exist, want a directory of .sql files; correct the path`,
    );
  }
}

function readSql(directory: string, path: string, faults: string[]): SqlFile | undefined {
  const bytes = readFileSync(join(directory, path));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  try {
    const sql = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!sql.includes("\0")) return { path, sql, sha256 };
    faults.push(`${path}: holds a NUL byte, which PostgreSQL cannot take; remove it`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    faults.push(`${path}: not UTF-8; save it as UTF-8`);
  }
  return undefined;
}

function digestOf(migrations: Migration[]): string {
  const hash = createHash("sha256");
  for (const { path, sha256 } of migrations) hash.update(`${sha256}  ${path}\n`);
  return hash.digest("hex");
}
