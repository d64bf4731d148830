// Writing records: one object each, chained to the one before, read back; with a copy on this machine that outlives the bucket.
import { createHash, randomBytes } from "node:crypto";
import { basename, join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { type Observation, observe } from "../step/definition.ts";
import { writeAtomically } from "../write-atomically.ts";
import { judgeChain, listRecords, readRecord } from "./chain.ts";
import { type RecordContent, renderDocument } from "./document.ts";

export interface Place {
  bucket: string;
  prefix: string;
  kmsKeyId?: string;
  system: string;
  stack: string;
  /** Folder for copies. */
  copies?: string;
}

export interface Written {
  observations: Observation[];
  key: string;
  versionId: string | null;
  sha256: string;
  bytes: Buffer;
  previousKey: string | null;
}

/** `records/SYSTEM/STACK` */
export function folderOf({ prefix, system, stack }: Pick<Place, "prefix" | "system" | "stack">): string {
  return `${prefix}/${system}/${stack}`;
}

/** Writes the next record of the chain. */
export async function appendRecord(
  s3: S3Client,
  place: Place,
  content: RecordContent,
  signal: AbortSignal,
): Promise<Written> {
  const folder = folderOf(place);
  const keys = await listRecords(s3, place.bucket, folder, signal);
  const { observation: chained, last } = await judgeChain(s3, place.bucket, keys, signal);
  const recordedAt = new Date().toISOString();
  const id = `${recordedAt.replaceAll(/[:.]/g, "-")}-${randomBytes(3).toString("hex")}`;
  const key = `${folder}/${id}.json`;
  const bytes = Buffer.from(`${renderDocument(content, recordedAt, last, id)}\n`);
  const stored = await putOnce(s3, place, key, bytes, signal);
  if (place.copies !== undefined) await writeAtomically(join(place.copies, basename(key)), bytes);
  return {
    observations: [stored.observation, chained],
    key,
    versionId: stored.versionId,
    sha256: sha256Of(bytes),
    bytes,
    previousKey: last?.key ?? null,
  };
}

/** Stores an object that is never written again, and reads it back. */
export async function putOnce(
  s3: S3Client,
  { bucket, kmsKeyId }: Pick<Place, "bucket" | "kmsKeyId">,
  key: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<{ observation: Observation; versionId: string | null }> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const sha256 = sha256Of(bytes);
  const encryption = kmsKeyId
    ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true } as const)
    : {};
  const put = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentType: key.endsWith(".json") ? "application/json" : "application/gzip",
    ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
    // A record is written once; whoever comes second has another name.
    IfNoneMatch: "*",
    ...encryption,
  });
  await s3.send(put, { abortSignal: signal }).catch((error: unknown) => {
    // It is there: stored by a try whose answer was lost, or the same project by another stack. Read back, it shows which.
    if (!(error instanceof Error && error.name === "PreconditionFailed")) throw error;
  });
  const back = await readRecord(s3, bucket, key, signal);
  const observation = observe(
    "stored",
    back.sha256 === sha256 && back.versionId !== undefined,
    `SHA-256 ${sha256} read back, with a version id`,
    `${back.sha256}, version ${back.versionId ?? "none"}`,
  );
  return { observation, versionId: back.versionId ?? null };
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
