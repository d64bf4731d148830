// Lines with an error since the release, of all that were written since then: a busy log has far more than are looked at
// otherwise, and what it was rotated into counts, too.
import { open } from "node:fs/promises";
import { compressedLines } from "./compressed.ts";
import type { LogSource } from "./definition.ts";
import { filesFrom, type Line, parseLine } from "./lines.ts";
import { isCompressed } from "./rotated.ts";

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
  for (const file of await filesFrom(pattern, since))
    for await (const lines of isCompressed(file) ? compressedLines(file) : backwards(file)) {
      signal.throwIfAborted();
      const older = lines.map((line) => errors.add(line));
      // What is compressed is read from its start on.
      if (!isCompressed(file) && older.includes(true)) break;
    }
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
