// Reads a directory of migrations once, whole, and refuses what has no clear order. It looks at no database.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { compareVersions, type FileName, versionKey } from "./naming.ts";
import { type Naming, STYLES, type Style } from "./styles.ts";

export interface SqlFile {
  /** File name within the directory, for messages. */
  path: string;
  sql: string;
  /** Lower-case hex over the file's bytes, as `sha256sum` prints it. */
  sha256: string;
  /** False: the file itself says that it is to run without a transaction. */
  transactional?: boolean;
  /** Written for another tool: BEGIN and COMMIT around all of it, and what cannot run in a transaction, mean what they mean there. */
  foreign?: boolean;
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

/**
 * @param naming whose names and formats the files have. @default "greenlight"
 * @throws one message with every fault of the directory
 */
export function readMigrations(directory: string, naming: Naming = "greenlight"): MigrationSet {
  const style = STYLES[naming];
  const faults: string[] = [];
  const ups = new Map<string, Migration>();
  const downs = new Map<string, SqlFile & { name: string }>();
  for (const path of filesOf(directory, style.recursive)) {
    const name = style.parse(path);
    if (name === "ignored") continue;
    if (!name) {
      faults.push(`${path}: want ${style.want}; rename it`);
      continue;
    }
    const file = readSql(directory, path, faults);
    if (!file) continue;
    const { up, down } = partsOf(file, name.kind, style, faults);
    const key = versionKey(name.version);
    const { version } = name;
    const known = up ? ups.get(key) : downs.get(key);
    if (known)
      faults.push(`${path}: version ${version} is also ${known.path}; give one of them a new number`);
    else {
      const kind = name.kind === "repeatable" ? "repeatable" : "versioned";
      if (up) ups.set(key, { ...up, kind, version, name: name.name });
      if (down) downs.set(key, { ...down, name: name.name });
    }
  }
  for (const [key, { name, ...down }] of downs) {
    const up = ups.get(key);
    if (!up) faults.push(`${down.path}: no up file has its version; add the up file or remove this one`);
    else if (up.name !== name && naming === "greenlight")
      faults.push(`${down.path}: the up file of this version is ${up.path}; give both the same name`);
    else up.down = down;
  }
  if (faults.length > 0) throw new Error(faults.join("; "));
  const migrations = [...ups.values()].sort((a, b) => compareVersions(a.version, b.version));
  return { directory, migrations, digest: digestOf(migrations) };
}

/** @throws where there is no migration: that all of none are applied proves nothing */
export function requireMigrations(
  { directory, migrations }: MigrationSet,
  naming: Naming = "greenlight",
): void {
  if (migrations.length === 0)
    throw new Error(
      `directory "${directory}" holds no migration, want ${STYLES[naming].want}; correct the path`,
    );
}

/** One file's ways; a file of one way is that way whole. */
function partsOf(
  file: SqlFile,
  kind: FileName["kind"],
  style: Style,
  faults: string[],
): { up?: SqlFile; down?: SqlFile } {
  for (const fault of style.faults?.(file.sql) ?? []) faults.push(`${file.path}: ${fault}`);
  const foreign = style === STYLES.greenlight ? file : { ...file, foreign: true };
  if (kind === "down") return { down: foreign };
  if (kind !== "both" || !style.split) return { up: foreign };
  const { up, down, fault } = style.split(file.sql);
  if (fault) faults.push(`${file.path}: ${fault}`);
  return {
    up: { ...foreign, ...up },
    ...(down ? { down: { ...foreign, ...down } } : {}),
  };
}

function filesOf(directory: string, recursive: boolean): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true, recursive })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
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
