// Which files beside a log are what it was rotated into, by their names alone: a number, a day or `old` behind its own, a day
// before it, or either before its ending; and what a compressor made of them. Other files are other logs.
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, matchesGlob } from "node:path";

const COMPRESSED = /\.(gz|bz2|xz|zst|lz4|zip|Z)$/;

/** As `application.log.1.gz` is, which nobody writes to any more. */
export const isCompressed = (name: string) => COMPRESSED.test(name);

/**
 * As `application.log.1`, `application.log-20300101.gz`, `20300101-01-application.log`, `application-2030-01-01.log` and
 * `application.1.log` are of `application.log`; `application-1.log` is another process's.
 */
export function isRotated(name: string, own: string): boolean {
  const plain = name.replace(COMPRESSED, "");
  const ending = extname(own);
  const stem = basename(own, ending);
  if (plain === own) return name !== own;
  if (plain.startsWith(own)) return /^[._-](old|\d[\d._TZ:-]*)$/.test(plain.slice(own.length));
  if (plain.endsWith(own)) return isDay(plain.slice(0, -own.length));
  if (!plain.startsWith(stem) || !plain.endsWith(ending)) return false;
  const between = plain.slice(stem.length, plain.length - ending.length);
  return /^\.\d+$/.test(between) || isDay(between);
}

const isDay = (text: string) => /^[\d._TZ:-]+$/.test(text) && text.replace(/\D/g, "").length >= 6;

export interface Found {
  name: string;
  file: string;
  bytes: number;
  /** When it was written to last, in milliseconds since 1970. */
  at: number;
  inode: number;
}

/** The files that a log was rotated into, those that a name with `*` means with the one that is written, the newest first. */
export async function rotatedOf(log: string): Promise<Found[]> {
  const own = basename(log);
  const isOne = own.includes("*")
    ? (name: string) => matchesGlob(name, own) || matchesGlob(name.replace(COMPRESSED, ""), own)
    : (name: string) => isRotated(name, own);
  const folder = dirname(log);
  const names = (await readdir(folder)).filter(isOne);
  // While it is being compressed a file is there twice.
  const isTwice = (name: string) => isCompressed(name) && names.includes(name.replace(COMPRESSED, ""));
  const files = names.filter((name) => !isTwice(name)).map((name) => lookAt(folder, name));
  const found = (await Promise.all(files)).filter((one) => one !== undefined);
  // The log may be a link to what is written now, whose name has the day.
  const current = own.includes("*") ? undefined : await lookAt(folder, own);
  const seen = new Set([current?.inode]);
  return found.filter(({ inode }) => !seen.has(inode) && seen.add(inode)).sort((x, y) => y.at - x.at);
}

/** Undefined for what is no file, or none any more: it was renamed or removed since the folder was read. */
async function lookAt(folder: string, name: string): Promise<Found | undefined> {
  const file = join(folder, name);
  try {
    const seen = await stat(file);
    return seen.isFile() ? { name, file, bytes: seen.size, at: seen.mtimeMs, inode: seen.ino } : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
