// New lines of a log file that is rotated by renaming: what was appended since the last call, to the end of the old file
// and then from the start of the new one. Where it stopped is kept beside the file, so that a restart loses nothing.
import type { FileHandle } from "node:fs/promises";
import { open, readFile, stat, writeFile } from "node:fs/promises";

/** Read at once; a longer burst is taken by the next call. */
const LARGEST_READ_BYTES = 4 * 1024 * 1024;

interface Place {
  inode: number;
  offset: number;
}

export class LogFile {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #place: Place | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whole lines only; a file that is not there yet has none. */
  async newLines(): Promise<string[]> {
    const rest = await this.#read();
    const inode = await inodeOf(this.#file);
    if (inode === undefined || inode === this.#place?.inode) return rest;
    await this.#handle?.close();
    this.#handle = await open(this.#file, "r");
    const known = this.#place === undefined ? await this.#remembered() : undefined;
    this.#place = { inode, offset: known?.inode === inode ? known.offset : 0 };
    return [...rest, ...(await this.#read())];
  }

  /** Keeps the place: what was read until now has been dealt with. */
  async keepPlace(): Promise<void> {
    if (this.#place) await writeFile(this.#placeFile, JSON.stringify(this.#place));
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  get #placeFile(): string {
    return `${this.#file}.shipped`;
  }

  async #remembered(): Promise<Place | undefined> {
    try {
      return JSON.parse(await readFile(this.#placeFile, "utf8"));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async #read(): Promise<string[]> {
    const { length, position } = await this.#unread();
    if (!this.#handle || !this.#place || length === 0) return [];
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await this.#handle.read(bytes, 0, length, position);
    const end = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    this.#place = { ...this.#place, offset: position + end };
    return bytes
      .subarray(0, end)
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "");
  }

  async #unread(): Promise<{ length: number; position: number }> {
    if (!this.#handle || !this.#place) return { length: 0, position: 0 };
    const { size } = await this.#handle.stat();
    // A file that became shorter was emptied in place.
    const position = size < this.#place.offset ? 0 : this.#place.offset;
    return { length: Math.min(size - position, LARGEST_READ_BYTES), position };
  }
}

async function inodeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).ino;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
