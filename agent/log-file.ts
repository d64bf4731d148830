// New lines of a log file that is rotated by renaming: what was appended since the last call, to the end of the old file
// and then of each that was begun after it, up to the current one. Where it stopped is kept beside the file, so that a
// restart loses nothing, also when the file was renamed meanwhile.
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { jsonOf } from "../checks/json-of.ts";
import { isCompressed, rotatedOf } from "../checks/logs/rotated.ts";
import { writeAtomically } from "../checks/write-atomically.ts";

/** Read at once; a longer burst is taken by the next call, and a longer line in pieces. */
const LARGEST_READ_BYTES = 4 * 1024 * 1024;

const place = () => z.object({ inode: z.int(), offset: z.int().min(0) });
type Place = z.output<ReturnType<typeof place>>;

export class LogFile {
  readonly #file: string;
  #handle: FileHandle | undefined;
  #place: Place | undefined;
  #more = false;
  #gone = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whole lines only; a file that is not there yet has none. */
  async newLines(): Promise<string[]> {
    if (this.#handle === undefined) await this.#resume();
    const { lines, more } = await this.#read();
    this.#more = more;
    // The old file comes first, to its end.
    if (more) return lines;
    const inode = await inodeOf(this.#file);
    if (inode === undefined || inode === this.#place?.inode) return lines;
    const next = await this.#next();
    if (next === undefined) return lines;
    // Nobody finishes the old file's last line any more.
    const rest = await this.#read(true);
    // It was renamed meanwhile: the next call finds it.
    if (!(await this.#open(next.file, { inode: next.inode, offset: 0 }))) return [...lines, ...rest.lines];
    return [...lines, ...rest.lines, ...(await this.newLines())];
  }

  /** Whether the last call left lines in the file. */
  get more(): boolean {
    return this.#more;
  }

  /** Whether the file that was read last was away when it was looked for since the last call: how much of it was not read nobody knows. */
  takeGone(): boolean {
    const gone = this.#gone;
    this.#gone = false;
    return gone;
  }

  /**
   * The file that was begun after the one that was read: the oldest of those renamed since, else the current one. An empty
   * one is not begun: whoever writes may still have the old one open, until it is told of the rotation.
   */
  async #next(): Promise<{ file: string; inode: number } | undefined> {
    const read = await this.#handle?.stat();
    if (read === undefined) {
      const inode = await inodeOf(this.#file);
      return inode === undefined ? undefined : { file: this.#file, inode };
    }
    const begun = (await rotatedOf(this.#file)).filter(
      ({ name, bytes, inode, at }) =>
        !isCompressed(name) && bytes > 0 && inode !== read.ino && at > read.mtimeMs,
    );
    const oldest = begun.at(-1);
    if (oldest !== undefined) return oldest;
    const current = await statOf(this.#file);
    if (!current?.isFile() || current.size === 0 || current.ino === read.ino) return undefined;
    return { file: this.#file, inode: current.ino };
  }

  /** Keeps the place: what was read until now has been dealt with. */
  async keepPlace(): Promise<void> {
    if (this.#place) await writeAtomically(this.#placeFile, JSON.stringify(this.#place));
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  get #placeFile(): string {
    return `${this.#file}.shipped`;
  }

  /** Opens the file that was read last, whatever its name is now. */
  async #resume(): Promise<void> {
    const known = this.#place ?? (await this.#remembered());
    if (known === undefined) return;
    for (const name of await readdir(dirname(this.#file))) {
      const file = join(dirname(this.#file), name);
      if ((await inodeOf(file)) === known.inode && (await this.#open(file, known))) return;
    }
    this.#gone = true;
  }

  /** A place that is damaged is none: lines sent twice are better than lines never sent. */
  async #remembered(): Promise<Place | undefined> {
    try {
      return place().safeParse(jsonOf(await readFile(this.#placeFile, "utf8"))).data;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** False where another file, or none, has the name by now. */
  async #open(file: string, at: Place): Promise<boolean> {
    const handle = await open(file, "r").catch(unlessAbsent);
    if (handle === undefined) return false;
    if ((await handle.stat()).ino !== at.inode) {
      await handle.close();
      return false;
    }
    await this.#handle?.close();
    this.#handle = handle;
    this.#place = at;
    return true;
  }

  async #read(toTheEnd = false): Promise<{ lines: string[]; more: boolean }> {
    if (!this.#handle || !this.#place) return { lines: [], more: false };
    const { size } = await this.#handle.stat();
    // A file that became shorter was emptied in place.
    const position = size < this.#place.offset ? 0 : this.#place.offset;
    const bytes = Buffer.alloc(Math.min(size - position, LARGEST_READ_BYTES));
    const { bytesRead } = await this.#handle.read(bytes, 0, bytes.length, position);
    const read = bytes.subarray(0, bytesRead);
    const isLongLine = bytesRead === LARGEST_READ_BYTES && !read.includes(0x0a);
    const end = toTheEnd || isLongLine ? bytesRead : read.lastIndexOf(0x0a) + 1;
    this.#place = { ...this.#place, offset: position + end };
    const text = read.subarray(0, end).toString("utf8");
    return {
      lines: text.split("\n").filter((line) => line !== ""),
      more: bytesRead === LARGEST_READ_BYTES,
    };
  }
}

async function inodeOf(file: string): Promise<number | undefined> {
  return (await statOf(file))?.ino;
}

async function statOf(file: string): Promise<Stats | undefined> {
  return await stat(file).catch(unlessAbsent);
}

function unlessAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
