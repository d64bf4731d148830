// The built folder as it will be served: every file with its hash, type and how long browsers may keep it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { lookup } from "mrmime";

export interface SiteFile {
  /** Path in the bucket and on the site, without leading slash, e.g. `assets/app-4f2a9c1d.js`. */
  path: string;
  /** The same file on this machine. */
  file: string;
  sizeBytes: number;
  /** Lower case hex. */
  sha256: string;
  contentType: string;
  /** Documents are asked for again each time; assets have a name that changes with their content. */
  kind: "asset" | "document";
}

// A hash of eight or more characters before the ending. With a digit and a letter, since a date is no hash; no size in pixels; and
// with a hyphen only beside capitals, since `user-guide-v2` are words.
const HASHED =
  /[.-](?!\d+x\d+\.)(?=[\w-]*\d)(?=[\w-]*[A-Za-z])(\w{8,}|(?=[\w-]*[A-Z])[\w-]{8,})(\.[a-z0-9]+)+$/;
// One in four of the hashes that bundlers write in Base64 has no digit.
const MAYBE_HASHED = /[.-][\w-]{8,}\.(m?js|css)$/;

export const CACHE_CONTROL = {
  asset: "public, max-age=31536000, immutable",
  document: "no-cache",
};

/**
 * All files of a folder in a fixed order. One after the other: a site may have more files than a process may open, and more bytes
 * than it has memory.
 * @throws when the folder is missing or empty
 */
export async function readSite(directory: string): Promise<SiteFile[]> {
  const files: SiteFile[] = [];
  for (const path of listSite(directory)) {
    const file = join(directory, path);
    const bytes = await readFile(file);
    const [sizeBytes, sha256] = [bytes.length, hash(bytes)];
    files.push({ path, file, sizeBytes, sha256, contentType: contentTypeOf(path), kind: kindOf(path) });
  }
  return files;
}

/** Fingerprint of a folder: changes when a path or a byte does. */
export function digestOfSite(directory: string): string {
  const digest = createHash("sha256");
  for (const path of listSite(directory))
    digest.update(`${path}\0${hash(readFileSync(join(directory, path)))}\0`);
  return digest.digest("hex");
}

export function contentTypeOf(path: string): string {
  const type = lookup(path) ?? "application/octet-stream";
  return /^text\/|javascript|json|xml/.test(type) && !type.includes("charset")
    ? `${type}; charset=utf-8`
    : type;
}

export function kindOf(path: string): SiteFile["kind"] {
  return !/\.html?$/.test(path) && HASHED.test(path) ? "asset" : "document";
}

/** Whether pages of this build alone may ask for it, so that it is there before them and stays for who has them open. */
export function isPart(path: string): boolean {
  return kindOf(path) === "asset" || MAYBE_HASHED.test(path);
}

function listSite(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== ".DS_Store")
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"));
  if (paths.length === 0) throw new Error(`site "${directory}": no file, want a built site; build it first`);
  return paths.sort();
}

function hash(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
