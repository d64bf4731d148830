// What S3 says of a stored backup: that it is there, with the size, checksum and encryption it should have, and how long it stays.
import { Readable } from "node:stream";
import type { LifecycleRule, S3Client } from "@aws-sdk/client-s3";
import { keptVersion } from "../object-version.ts";
import { type Observation, observe } from "../step/definition.ts";
import { MAGIC } from "./encryption.ts";
import type { Uploaded } from "./multipart.ts";

export interface Wanted {
  bucket: string;
  key: string;
  uploaded: Uploaded;
  kmsKeyId?: string;
  /** Sealed before the upload. */
  sealed: boolean;
  retentionDays: number;
}

/** Observations `exists`, `checksum`, `encrypted`, `sealed` and `retention`. */
export async function judgeStored(s3: S3Client, wanted: Wanted, signal: AbortSignal): Promise<Observation[]> {
  const { GetBucketLifecycleConfigurationCommand, GetObjectCommand, HeadObjectCommand } = await import(
    "@aws-sdk/client-s3"
  );
  const { bucket, key, uploaded } = wanted;
  const object = { Bucket: bucket, Key: key, VersionId: uploaded.versionId };
  const send = { abortSignal: signal };
  const head = await s3.send(new HeadObjectCommand({ ...object, ChecksumMode: "ENABLED" }), send);
  const start = await s3.send(new GetObjectCommand({ ...object, Range: "bytes=0-7" }), send);
  const first = await firstBytes(start.Body);
  const lifecycle = await s3
    .send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), send)
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === "NoSuchLifecycleConfiguration") return { Rules: [] };
      throw error;
    });
  const version = keptVersion(head.VersionId);
  return [
    observe(
      "exists",
      head.ContentLength === uploaded.sizeBytes && version !== undefined,
      `s3://${bucket}/${key} with ${uploaded.sizeBytes} bytes and a version id`,
      `${head.ContentLength} bytes, version ${version ?? "none"}`,
    ),
    observe(
      "checksum",
      head.ChecksumSHA256 === uploaded.compositeSha256,
      `SHA-256 of the parts ${uploaded.compositeSha256}`,
      head.ChecksumSHA256 ?? "no checksum",
    ),
    observe(
      "encrypted",
      head.ServerSideEncryption === "aws:kms" && sameKey(head.SSEKMSKeyId, wanted.kmsKeyId),
      `aws:kms${wanted.kmsKeyId ? ` with ${wanted.kmsKeyId}` : ""}`,
      `${head.ServerSideEncryption ?? "none"}${head.SSEKMSKeyId ? ` with ${head.SSEKMSKeyId}` : ""}`,
    ),
    judgeSealed(first, wanted.sealed),
    judgeRetention(lifecycle.Rules ?? [], key, wanted.retentionDays),
  ];
}

/** Leaves the rest unread, should the range not have been honoured. */
async function firstBytes(body: unknown): Promise<Buffer> {
  if (!(body instanceof Readable)) return Buffer.alloc(0);
  for await (const chunk of body) return Buffer.from(chunk).subarray(0, MAGIC.length);
  return Buffer.alloc(0);
}

function judgeSealed(first: Buffer, sealed: boolean): Observation {
  const expected = "sealed before upload: the object does not begin as a readable dump";
  if (!sealed)
    return { id: "sealed", result: "notApplicable", expected, observed: "no encryptionKey is configured" };
  return observe(
    "sealed",
    first.equals(MAGIC),
    expected,
    `first bytes ${JSON.stringify(first.toString("latin1"))}`,
  );
}

/** The key by its ARN, id or alias ARN, as far as the two forms can be compared. */
function sameKey(seen: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  return seen !== undefined && seen.split("/").at(-1) === wanted.split("/").at(-1);
}

/** A rule counts when it is enabled, covers the key, and its days are the wanted ones. */
export function judgeRetention(rules: LifecycleRule[], key: string, retentionDays: number): Observation {
  const covering = rules.filter((rule) => rule.Status === "Enabled" && covers(rule, key));
  const days = covering.flatMap((rule) => rule.Expiration?.Days ?? []);
  const seen =
    days.length > 0 ? `expires after ${days.join(" and ")} days` : "no enabled rule expires the object";
  // The earliest rule wins in S3.
  return observe(
    "retention",
    Math.min(...days) === retentionDays,
    `expires after ${retentionDays} days`,
    seen,
  );
}

function covers(rule: LifecycleRule, key: string): boolean {
  const filter = rule.Filter;
  if (filter?.Tag || filter?.And || filter?.ObjectSizeGreaterThan || filter?.ObjectSizeLessThan) return false;
  return key.startsWith(filter?.Prefix ?? rule.Prefix ?? "");
}
