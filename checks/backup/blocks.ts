// A stream in buffers that somebody else provides, so that they can be used again.

/**
 * Fills each buffer before it asks for the next, which it does when it is asked for more; the last one may be filled in part, and an
 * empty stream fills none.
 * @param bufferOf gives the buffer with this number, from 1 on
 */
export async function* inBlocks(
  source: AsyncIterable<Buffer>,
  bufferOf: (number: number) => Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let number = 1;
  let block = await bufferOf(number);
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(block, filled, at);
      at += copied;
      filled += copied;
      if (filled < block.length) continue;
      yield block;
      number += 1;
      block = await bufferOf(number);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
