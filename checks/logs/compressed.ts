// Lines of a log that was compressed after it had been rotated, the first ones first.
import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, type Gunzip } from "node:zlib";

/** @throws where it is not compressed with gzip */
export function uncompressed(file: string): Gunzip {
  if (extname(file) !== ".gz")
    throw new Error(
      `log "${file}": compressed as ${extname(file)}, want gzip to read it; have it rotated so`,
    );
  const bytes = createGunzip();
  pipeline(createReadStream(file), bytes).catch((error) => bytes.destroy(error));
  return bytes;
}

/** In blocks, each line whole. */
export async function* compressedLines(file: string): AsyncGenerator<string[]> {
  // The beginning of a line that ends further behind.
  let rest = "";
  for await (const block of uncompressed(file).setEncoding("utf8")) {
    const lines = `${rest}${block}`.split("\n");
    rest = lines.pop() ?? "";
    yield lines.filter((line) => line !== "");
  }
  if (rest !== "") yield [rest];
}
