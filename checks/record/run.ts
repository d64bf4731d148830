// Writes one record and reads it back.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { canonicalJson } from "../canonical-json.ts";
import type { RecordInputs } from "../record.ts";
import { type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { judgeChain, type Link, listRecords, readRecord } from "./chain.ts";

export async function runRecord(given: RecordInputs, { log, signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    const folder = `${given.prefix}/${given.system}/${given.stack}`;
    const keys = await listRecords(s3, given.bucket, folder, signal);
    const { observation: chained, last } = await judgeChain(s3, given.bucket, keys, signal);
    const recordedAt = new Date().toISOString();
    const key = `${folder}/${recordedAt.replaceAll(/[:.]/g, "-")}-${randomBytes(3).toString("hex")}.json`;
    const bytes = Buffer.from(`${renderRecord(given, recordedAt, last)}\n`);
    const stored = await store(s3, given, key, bytes, signal);
    if (given.file !== undefined) await writeAtomically(given.file, bytes);
    log(`record ${key}`);
    return {
      observations: [judgeSteps(given), stored.observation, chained],
      facts: {
        key,
        versionId: stored.versionId,
        sha256: sha256Of(bytes),
        sizeBytes: bytes.length,
        previousKey: last?.key ?? null,
      },
    };
  } finally {
    s3.destroy();
  }
}

/** The document: the same content gives the same bytes. */
export function renderRecord(given: RecordInputs, recordedAt: string, last: Link | undefined): string {
  const { system, stack, release, commit, steps, outputs } = given;
  const previous = last ?? null;
  return canonicalJson({ version: 1, system, stack, release, commit, recordedAt, previous, steps, outputs });
}

function judgeSteps({ steps }: RecordInputs): Observation {
  const all = Object.entries(steps);
  const bad = all.filter(([, { result }]) => result === "failed" || result === "inconclusive");
  const seen = all.reduce((sum, [, { observations }]) => sum + observations.length, 0);
  return observe(
    "steps",
    bad.length === 0 && all.length > 0,
    "no step failed or inconclusive",
    bad.map(([name, { result }]) => `${name} ${result}`).join(", ") ||
      `${all.length} steps, ${seen} observations`,
  );
}

async function store(
  s3: S3Client,
  { bucket, kmsKeyId }: RecordInputs,
  key: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<{ observation: Observation; versionId: string | null }> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const sha256 = sha256Of(bytes);
  const encryption = kmsKeyId
    ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true } as const)
    : {};
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: bytes,
      ContentType: "application/json",
      ChecksumSHA256: Buffer.from(sha256, "hex").toString("base64"),
      // A record is written once; whoever comes second has another name.
      IfNoneMatch: "*",
      ...encryption,
    }),
    { abortSignal: signal },
  );
  const back = await readRecord(s3, bucket, key, signal);
  const observation = observe(
    "stored",
    back.sha256 === sha256 && VersionId !== undefined,
    `SHA-256 ${sha256} read back, with a version id`,
    `${back.sha256}, version ${VersionId ?? "none"}`,
  );
  return { observation, versionId: VersionId ?? null };
}

async function writeAtomically(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(temporary, bytes, { mode: 0o600 });
  await rename(temporary, file);
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
