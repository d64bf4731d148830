// The compressed stream is whatever any zstd reads back as the bytes that went in.
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressed } from "../../checks/backup/compression.ts";
import { piecesOf } from "./support/pieces.ts";

const MIB = 1024 * 1024;

async function unpacked(frames: Buffer): Promise<Buffer> {
  const stream = createZstdDecompress();
  const [bytes] = await Promise.all([buffer(stream), pipeline(Readable.from([frames]), stream)]);
  return bytes;
}

describe("compression", () => {
  // Around one block and the number of blocks that are made at once.
  it.each([1, MIB - 1, MIB, MIB + 1, 2 * MIB, 9 * MIB + 5])("gives back %i bytes", async (length) => {
    const bytes = Buffer.concat([randomBytes(Math.ceil(length / 2)), Buffer.alloc(length, "x")]).subarray(
      0,
      length,
    );
    const frames = await buffer(compressed(piecesOf(bytes)));
    expect((await unpacked(frames)).equals(bytes)).toBe(true);
    if (length > MIB) expect(frames.length).toBeLessThan(bytes.length * 0.51);
  });

  it("makes blocks that each open by themselves, with a checksum of their own", async () => {
    const frames: Buffer[] = [];
    for await (const frame of compressed(piecesOf(Buffer.alloc(3 * MIB, "abc"), 100_000))) frames.push(frame);
    expect(frames.map((frame) => zstdDecompressSync(frame).length)).toEqual([MIB, MIB, MIB]);
    const [first = Buffer.alloc(0)] = frames;
    first.writeUInt8((first.at(-1) ?? 0) ^ 1, first.length - 1);
    expect(() => zstdDecompressSync(first)).toThrow(/checksum/i);
  });

  it("throws what its source throws, without a frame that would make a cut archive look whole", async () => {
    const failing = async function* () {
      yield Buffer.alloc(10 * MIB);
      throw new Error("pg_dump: exit 1");
    };
    await expect(buffer(compressed(failing()))).rejects.toThrow("pg_dump: exit 1");
  });
});
