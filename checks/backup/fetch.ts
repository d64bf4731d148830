// A stored backup on its way back from S3: hashed as it is stored, opened, decompressed. Memory does not depend on the size.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { SEALED, type StoredBackup } from "../stored-backup.ts";
import { open } from "./encryption.ts";

const BLOCK_BYTES = 1024 * 1024;

export interface Fetched {
  sizeBytes: number;
  /** Of the object as it is stored, lower case hex. */
  sha256: string;
  /** From the request to the last byte, also where that waited for what takes the archive. */
  seconds: number;
}

/**
 * The archive in blocks. Returns what was fetched once the whole object has been read and opened.
 * @throws when it is not there, does not open, or is cut off: what was given until then is then no archive
 */
export async function* fetchArchive(
  s3: S3Client,
  stored: StoredBackup,
  signal: AbortSignal,
): AsyncGenerator<Buffer, Fetched> {
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  const started = performance.now();
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: stored.bucket,
      Key: stored.key,
      VersionId: stored.versionId ?? undefined,
    }),
    { abortSignal: signal },
  );
  if (!(Body instanceof Readable)) throw new Error(`backup "${stored.key}": s3 answered without a body`);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const hashed = async function* () {
    for await (const chunk of Body) {
      const bytes: Buffer = chunk;
      hash.update(bytes);
      sizeBytes += bytes.length;
      yield bytes;
    }
  };
  const opened = stored.key.endsWith(SEALED) ? open(hashed(), keyOf(stored)) : inBlocks(hashed());
  const unpacked = createZstdDecompress({ chunkSize: BLOCK_BYTES });
  const unpacking = pipeline(
    Readable.from(opened, { objectMode: false, highWaterMark: 2 * BLOCK_BYTES }),
    unpacked,
    { signal },
  );
  // Awaited below; until then a failure, which the loop throws too, must only not go unhandled.
  unpacking.catch(() => undefined);
  try {
    for await (const block of unpacked) yield block;
  } finally {
    unpacked.destroy();
  }
  await unpacking;
  return { sizeBytes, sha256: hash.digest("hex"), seconds: (performance.now() - started) / 1000 };
}

function keyOf({ key, encryptionKey }: StoredBackup): string {
  if (encryptionKey !== undefined) return encryptionKey;
  throw new Error(
    `backup "${key}": sealed, and the stack has no key; set backup.sealed to true as it was then`,
  );
}

/** Small chunks from the network joined: each one through decompression costs a turn of the thread pool. */
async function* inBlocks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes < BLOCK_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
  }
  yield Buffer.concat(held);
}
