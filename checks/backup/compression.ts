// Compression of an archive in blocks, several at the same time. Each becomes a whole zstd frame of its own, which costs a fiftieth
// of the size; frames one after the other are what `zstd -d` and node's stream read as one.
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { inBlocks } from "./blocks.ts";

const BLOCK_BYTES = 1024 * 1024;
// Of the threads that node has for such work by itself.
const MOST_AT_ONCE = 4;
// Smaller than pg_dump's own gzip at a fifth of its time: the fastest way of zstd with tables twice as large as it takes by itself,
// which still fit a processor's own cache.
const OPTIONS = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 1,
    [constants.ZSTD_c_hashLog]: 15,
    [constants.ZSTD_c_windowLog]: 20,
    [constants.ZSTD_c_checksumFlag]: 1,
  },
  // A frame is made in one go, out of the block itself, only where its end is said with its bytes and all of it has room.
  flush: constants.ZSTD_e_end,
  finishFlush: constants.ZSTD_e_continue,
  chunkSize: BLOCK_BYTES + BLOCK_BYTES / 64,
};

const compress = promisify<Buffer, typeof OPTIONS, Buffer>(zstdCompress);

/** The stream as zstd frames. Takes a few blocks more than were asked for, so that all processors have one. */
export async function* compressed(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const atOnce = Math.min(availableParallelism(), MOST_AT_ONCE);
  const running: Promise<Buffer>[] = [];
  // Blocks are used again: with new ones the collector would have more to do than the compression.
  const rested: Buffer<ArrayBuffer>[] = [];
  const start = async (block: Buffer<ArrayBuffer>) => {
    const frame = await compress(block, OPTIONS);
    rested.push(block);
    return frame;
  };
  for await (const block of inBlocks(source, () => rested.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES))) {
    const one = start(block);
    // Awaited when it is its turn; until then a failure must only not go unhandled.
    one.catch(() => undefined);
    running.push(one);
    for (const first of running.splice(0, running.length - atOnce)) yield await first;
  }
  for (const one of running) yield await one;
}
