// One backup: pg_dump on an exported snapshot, compressed, optionally sealed, hashed and uploaded while it is being made.
// Nothing touches a disk, and memory does not depend on the size.
import { constants, createZstdCompress } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { seal } from "./encryption.ts";
import { type Target, type Uploaded, uploadStream } from "./multipart.ts";
import { startTool } from "./tool.ts";

// Smaller than pg_dump's own gzip at a fifth of its time. No zstd workers: node's stream waits for ever on a write that they
// took without giving output; the compression has a thread of its own anyway.
const LEVEL = 1;
const BLOCK_BYTES = 1024 * 1024;

export interface DumpPlan {
  databaseUrl: string;
  /** Name from pg_export_snapshot(): the dump sees exactly what that transaction sees. */
  snapshot: string;
  /** Seals the stream with this key when given. */
  encryptionKey?: string;
  target: Target;
}

export interface Dumped extends Uploaded {
  /** Size of pg_dump's archive before compression. */
  archiveBytes: number;
  seconds: number;
}

/** Dumps and uploads. @throws when any part of it fails; then there is no object */
export async function dumpToS3(s3: S3Client, plan: DumpPlan, signal: AbortSignal): Promise<Dumped> {
  const started = performance.now();
  // A failure of one end stops the other one.
  const failure = new AbortController();
  const both = AbortSignal.any([signal, failure.signal]);
  const dump = startTool({
    program: "pg_dump",
    arguments: ["--format=custom", "--compress=0", `--snapshot=${plan.snapshot}`, "--lock-wait-timeout=60s"],
    databaseUrl: plan.databaseUrl,
    settings: { statement_timeout: "0", idle_in_transaction_session_timeout: "0" },
    signal: both,
  });
  const counted = { archiveBytes: 0 };
  const compress = createZstdCompress({
    chunkSize: BLOCK_BYTES,
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
  });
  const feeding = feed(dump.stdout, compress, counted, dump.finished);
  const packed = plan.encryptionKey === undefined ? compress : seal(compress, plan.encryptionKey);
  const uploading = uploadStream(s3, packed, plan.target, both);
  try {
    const [uploaded] = await Promise.all([uploading, feeding, dump.finished]);
    return { ...uploaded, ...counted, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    failure.abort(error);
    compress.destroy();
    await Promise.allSettled([uploading, feeding, dump.finished]);
    throw error;
  }
}

/**
 * Passes the archive on in large blocks, reading the next one while the last is being compressed; ends the stream only when
 * pg_dump has said that the archive is complete.
 */
async function feed(
  archive: AsyncIterable<Buffer>,
  compress: ReturnType<typeof createZstdCompress>,
  counted: { archiveBytes: number },
  finished: Promise<void>,
): Promise<void> {
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
    counted.archiveBytes += chunk.length;
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
}

function written(stream: ReturnType<typeof createZstdCompress>, block: Buffer): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    stream.write(block, (error) => (error ? reject(error) : resolve()));
  });
  // Awaited by the next block; until then a failure must only not go unhandled.
  done.catch(() => undefined);
  return done;
}
