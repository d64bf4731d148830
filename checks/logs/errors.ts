// Lines with an error since the release, of all that were written since then: a busy log has far more than are looked at
// otherwise, and what it was rotated into counts, too.
import { open, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import type { LogSource } from "./definition.ts";
import { filesFrom, type Line, parseLine } from "./lines.ts";

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Counts as lines come, in any order; keeps none but the first. */
export class Errors {
  /** Lines since the release. */
  lines = 0;
  errors = 0;
  /** Those of them that a check asks for. */
  asked = 0;
  /** The earliest that nobody asked for, or of all where there is none. */
  first: Line | undefined;
  readonly #source: LogSource;
  readonly #since: Date | undefined;
  readonly #levels: Set<string>;
  readonly #asked: RegExp | undefined;
  #firstAsked = true;

  /** @param since of the release; what is older is not its own */
  constructor(source: LogSource, since: Date | undefined) {
    this.#source = source;
    this.#since = since;
    this.#levels = new Set(source.errorLevels.map((level) => level.toUpperCase()));
    this.#asked = source.askedErrors === undefined ? undefined : new RegExp(source.askedErrors);
  }

  /** Whether the line is one of before the release. */
  add(text: string): boolean {
    const line = parseLine(text, this.#source);
    if (line === undefined) return false;
    if (this.#since !== undefined && line.time < this.#since) return true;
    this.lines += 1;
    if (!this.#levels.has(line.level)) return false;
    this.errors += 1;
    const asked = this.#asked?.test(line.text) === true;
    if (asked) this.asked += 1;
    const earlier = this.first === undefined || line.time < this.first.time;
    if (this.#firstAsked === asked ? earlier : !asked) {
      this.first = line;
      this.#firstAsked = asked;
    }
    return false;
  }
}

/** Adds the lines of the file, and of those before it, back to the release. */
export async function addFiles(
  errors: Errors,
  pattern: string,
  since: Date,
  signal: AbortSignal,
): Promise<void> {
  const named = basename(pattern).includes("*");
  const files = named ? await filesFrom(pattern, since) : [pattern, ...(await rotated(pattern, since))];
  for (const file of files)
    for await (const lines of backwards(file)) {
      signal.throwIfAborted();
      const older = lines.map((line) => errors.add(line));
      if (older.includes(true)) break;
    }
}

/** Files beside it that were written to since then, and differ from its name by a number behind it or by a day. */
async function rotated(file: string, since: Date): Promise<string[]> {
  const own = basename(file);
  const [stem, ending] = [basename(file, extname(file)), extname(file)];
  // `application-1.log` is another process's.
  const isDay = (text: string) => /^[\d._TZ-]+$/.test(text) && text.replace(/\D/g, "").length >= 6;
  const isOlder = (name: string) =>
    name.startsWith(own)
      ? /^[._-]\d[\d._TZ-]*$/.test(name.slice(own.length))
      : name.includes(stem) && name.endsWith(ending) && isDay(name.replace(stem, "").replace(ending, ""));
  const names = (await readdir(dirname(file))).filter(isOlder);
  const dated = await Promise.all(
    names.map(async (name) => ({
      file: join(dirname(file), name),
      at: (await stat(join(dirname(file), name))).mtimeMs,
    })),
  );
  return dated.filter(({ at }) => at >= since.getTime()).map((one) => one.file);
}

/** The lines of a file in blocks, the last ones first; each line whole, however long. */
async function* backwards(file: string): AsyncGenerator<string[]> {
  const handle = await open(file);
  try {
    let { size: end } = await handle.stat();
    // The end of a line that begins further in front.
    let rest = Buffer.alloc(0);
    while (end > 0) {
      const block = Buffer.alloc(Math.min(BLOCK_BYTES, end));
      end -= block.length;
      await handle.read(block, 0, block.length, end);
      const bytes = Buffer.concat([block, rest]);
      const cut = end === 0 ? 0 : bytes.indexOf("\n") + 1;
      const whole = end > 0 && cut === 0 ? bytes.length : cut;
      rest = bytes.subarray(0, whole);
      yield bytes
        .subarray(whole)
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
    }
  } finally {
    await handle.close();
  }
}
