// The restore of a backup, as it would be done after a loss: fetch the object, open it, and load it into an empty database.
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import type { S3Client } from "@aws-sdk/client-s3";
import { isRunning } from "../running.ts";
import type { StoredBackup } from "../stored-backup.ts";
import { open } from "./encryption.ts";
import { runTool, startTool } from "./tool.ts";

const BLOCK_BYTES = 1024 * 1024;
const FOLDER = "greenlight-restore-";
const SPARE_BYTES = 256 * 1024 * 1024;

export interface Fetched {
  sizeBytes: number;
  /** Of the object as it is stored, lower case hex. */
  sha256: string;
  seconds: number;
}

/** Runs `use` with a fetched and opened archive, in a folder that only this user can read and that is removed afterwards. */
export async function withArchive<T>(
  s3: S3Client,
  stored: StoredBackup,
  signal: AbortSignal,
  use: (path: string, fetched: Fetched) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    await requireSpace(folder, stored.archiveBytes);
    const path = join(folder, "archive.dump");
    return use(path, await fetchArchive(s3, stored, path, signal));
  });
}

/** Runs `use` with a folder for archives that only this user can read; it is removed afterwards, what a killed run left before. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER}${process.pid}-`));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The archive's table of contents, one entry a line. @throws when it is not a whole archive */
export async function listArchive(path: string, databaseUrl: string, signal: AbortSignal): Promise<string[]> {
  const text = await runTool({ program: "pg_restore", arguments: ["--list", path], databaseUrl, signal });
  return text.split("\n").filter((line) => line !== "" && !line.startsWith(";"));
}

/**
 * Loads an archive into an empty database with two jobs and gives the time that it took.
 * @throws at the first object that cannot be restored
 */
export async function restoreArchive(
  path: string,
  databaseUrl: string,
  database: string,
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  const restore = startTool({
    program: "pg_restore",
    arguments: ["--jobs=2", "--exit-on-error", "--no-subscriptions", `--dbname=${database}`, path],
    databaseUrl,
    database,
    // Nobody relies on the copy, so a commit need not wait for the disk; indexes are built in memory where they fit.
    settings: {
      synchronous_commit: "off",
      maintenance_work_mem: "256MB",
      statement_timeout: "0",
      lock_timeout: "0",
    },
    signal,
  });
  restore.stdout.resume();
  await restore.finished;
  return (performance.now() - started) / 1000;
}

async function fetchArchive(
  s3: S3Client,
  stored: StoredBackup,
  path: string,
  signal: AbortSignal,
): Promise<Fetched> {
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
  const opened =
    stored.encryptionKey === undefined ? inBlocks(hashed()) : open(hashed(), stored.encryptionKey);
  await pipeline(
    Readable.from(opened, { objectMode: false, highWaterMark: 4 * BLOCK_BYTES }),
    createZstdDecompress({ chunkSize: BLOCK_BYTES }),
    createWriteStream(path, { mode: 0o600, highWaterMark: 4 * BLOCK_BYTES }),
    { signal },
  );
  return { sizeBytes, sha256: hash.digest("hex"), seconds: (performance.now() - started) / 1000 };
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

/** An opened archive is plain rows: what a killed run left behind goes at the next one. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER) || isRunning(Number(name.slice(FOLDER.length).split("-")[0]))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch((error: unknown) => {
      // Another user's is for that user to remove.
      if (!(error instanceof Error && "code" in error && ["EACCES", "EPERM"].includes(String(error.code))))
        throw error;
    });
  }
}

async function requireSpace(folder: string, archiveBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  if (freeBytes >= archiveBytes + SPARE_BYTES) return;
  const mib = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  throw new Error(
    `restore drill: ${mib(freeBytes)} MiB free in ${folder}, want ${mib(archiveBytes + SPARE_BYTES)} MiB; free space or set TMPDIR`,
  );
}
