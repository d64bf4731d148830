// The archive as what is uploaded: pg_dump on an exported snapshot, compressed, optionally sealed, cut into parts, each hashed.
// Nothing touches a disk, and memory does not depend on the size. Runs in a thread of its own; see pack-thread.ts.
import { createHash } from "node:crypto";
import { constants, createZstdCompress } from "node:zlib";
import { seal } from "./encryption.ts";
import { startTool } from "./tool.ts";

// Smaller than pg_dump's own gzip at a fifth of its time: the fastest way of zstd with tables twice as large as it takes by itself,
// which still fit a processor's own cache. No zstd workers: node's stream waits for ever on a write that they took without giving
// output; the compression has a thread of its own anyway.
const COMPRESSION = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_hashLog]: 16,
  [constants.ZSTD_c_windowLog]: 20,
  [constants.ZSTD_c_checksumFlag]: 1,
};
const MIB = 1024 * 1024;
const BLOCK_BYTES = MIB;
const MAXIMUM_PARTS = 10_000;

export interface PackPlan {
  databaseUrl: string;
  /** Name from pg_export_snapshot(): the dump sees exactly what that transaction sees. */
  snapshot: string;
  /** Seals the stream with this key when given. */
  encryptionKey?: string | undefined;
}

/** What is uploaded at once. */
export interface Part {
  bytes: Buffer<ArrayBuffer>;
  sha256: Uint8Array;
}

export interface Packed {
  /** Size of pg_dump's archive before compression. */
  archiveBytes: number;
  sizeBytes: number;
  /** Of the whole object, lower case hex. */
  sha256: string;
}

/**
 * The parts in order.
 * @param bufferOf gives a buffer of this many bytes to fill; waits while too many are still being sent
 * @throws when any part of it fails
 */
export async function* packArchive(
  plan: PackPlan,
  bufferOf: (bytes: number) => Promise<ArrayBuffer>,
  signal: AbortSignal,
): AsyncGenerator<Part, Packed> {
  // A failure of one end stops the other one.
  const failure = new AbortController();
  const dump = startTool({
    program: "pg_dump",
    arguments: ["--format=custom", "--compress=0", `--snapshot=${plan.snapshot}`, "--lock-wait-timeout=60s"],
    databaseUrl: plan.databaseUrl,
    settings: { statement_timeout: "0", idle_in_transaction_session_timeout: "0" },
    signal: AbortSignal.any([signal, failure.signal]),
  });
  // Awaited by the feeding; until then a failure must only not go unhandled.
  dump.finished.catch(() => undefined);
  const compress = createZstdCompress({ chunkSize: BLOCK_BYTES, params: COMPRESSION });
  const feeding = feed(dump.stdout, compress, dump.finished);
  // What went wrong there ends the compressed stream with it; awaited below.
  feeding.catch((error: unknown) =>
    compress.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    const packed = plan.encryptionKey === undefined ? compress : seal(compress, plan.encryptionKey);
    const whole = createHash("sha256");
    let sizeBytes = 0;
    for await (const bytes of inParts(packed, bufferOf)) {
      whole.update(bytes);
      sizeBytes += bytes.length;
      yield { bytes, sha256: createHash("sha256").update(bytes).digest() };
    }
    return { archiveBytes: await feeding, sizeBytes, sha256: whole.digest("hex") };
  } finally {
    failure.abort(new Error("backup: ended"));
    compress.destroy();
    await Promise.allSettled([feeding, dump.finished]);
  }
}

/** How many parts of this size may be on their way. */
export function partsInFlight(bytes: number): number {
  return bytes > 16 * MIB ? 1 : 3;
}

/** Small parts first, larger ones later: 10,000 parts reach 432 GiB while few bytes are held at any time. */
function partBytes(number: number): number {
  if (number <= 2_000) return 8 * MIB;
  return (number <= 4_000 ? 16 : 64) * MIB;
}

/** Each part in a buffer of its own, as it is being sent while the next one is filled. */
async function* inParts(
  source: AsyncIterable<Buffer>,
  bufferOf: (bytes: number) => Promise<ArrayBuffer>,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let number = 1;
  let part = Buffer.from(await bufferOf(partBytes(number)));
  let filled = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(part, filled, at);
      at += copied;
      filled += copied;
      if (filled < part.length) continue;
      yield part;
      number += 1;
      if (number > MAXIMUM_PARTS)
        throw new Error("backup: larger than 432 GiB compressed; use storage snapshots");
      part = Buffer.from(await bufferOf(partBytes(number)));
      filled = 0;
    }
  }
  // S3 wants at least one part, also of an empty stream.
  if (filled > 0 || number === 1) yield part.subarray(0, filled);
}

/**
 * Passes the archive on in large blocks, reading the next one while the last is being compressed, and gives its size; ends the
 * stream only when pg_dump has said that the archive is complete.
 */
async function feed(
  archive: AsyncIterable<Buffer>,
  compress: ReturnType<typeof createZstdCompress>,
  finished: Promise<void>,
): Promise<number> {
  let archiveBytes = 0;
  // Two blocks that are used in turn: with new ones the collector would have more to do than the compression.
  let [filling, resting] = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  let filled = 0;
  let writing = Promise.resolve();
  const flush = async () => {
    await writing;
    writing = written(compress, filling.subarray(0, filled));
    [filling, resting] = [resting, filling];
    filled = 0;
  };
  for await (const chunk of archive) {
    archiveBytes += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      const copied = chunk.copy(filling, filled, at);
      at += copied;
      filled += copied;
      if (filled === BLOCK_BYTES) await flush();
    }
  }
  await flush();
  await writing;
  await finished;
  compress.end();
  return archiveBytes;
}

function written(stream: ReturnType<typeof createZstdCompress>, block: Buffer): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    stream.write(block, (error) => (error ? reject(error) : resolve()));
  });
  // Awaited by the next block; until then a failure must only not go unhandled.
  done.catch(() => undefined);
  return done;
}
