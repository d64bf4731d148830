// Uploads a stream of unknown size to S3 in parts, in constant memory, each part with its SHA-256 checked by S3.
// An upload that does not finish is aborted, so that no paid-for parts stay behind.
import { createHash } from "node:crypto";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";

const MIB = 1024 * 1024;
const PARTS_IN_FLIGHT = 3;
const MAXIMUM_PARTS = 10_000;

export interface Target {
  bucket: string;
  key: string;
  /** Key of KMS that encrypts the object at rest; its ARN or id. @default the bucket's own encryption */
  kmsKeyId?: string;
  metadata: { [name: string]: string };
}

export interface Uploaded {
  /** Absent where the bucket keeps no versions. */
  versionId?: string;
  sizeBytes: number;
  /** Of the whole object, lower case hex. */
  sha256: string;
  /** What S3 reports as the object's checksum: hash of the parts' hashes, base64, `-` and the number of parts. */
  compositeSha256: string;
}

/** @throws what the stream or S3 throws, after the upload was aborted */
export async function uploadStream(
  s3: S3Client,
  source: AsyncIterable<Buffer>,
  target: Target,
  signal: AbortSignal,
): Promise<Uploaded> {
  const sdk = await import("@aws-sdk/client-s3");
  const where = { Bucket: target.bucket, Key: target.key };
  const encryption = target.kmsKeyId
    ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: target.kmsKeyId, BucketKeyEnabled: true } as const)
    : {};
  const { UploadId } = await s3.send(
    new sdk.CreateMultipartUploadCommand({
      ...where,
      ...encryption,
      ChecksumAlgorithm: "SHA256",
      ContentType: "application/octet-stream",
      Metadata: target.metadata,
    }),
    { abortSignal: signal },
  );
  try {
    const whole = createHash("sha256");
    const ofParts = createHash("sha256");
    const parts: Promise<CompletedPart>[] = [];
    const inFlight = new Set<Promise<unknown>>();
    let sizeBytes = 0;
    for await (const body of inParts(source)) {
      const PartNumber = parts.length + 1;
      const digest = createHash("sha256").update(body).digest();
      whole.update(body);
      ofParts.update(digest);
      sizeBytes += body.length;
      const ChecksumSHA256 = digest.toString("base64");
      const sent = s3
        .send(new sdk.UploadPartCommand({ ...where, UploadId, PartNumber, Body: body, ChecksumSHA256 }), {
          abortSignal: signal,
        })
        .then(({ ETag }) => ({ ETag, PartNumber, ChecksumSHA256 }));
      parts.push(sent);
      inFlight.add(sent);
      // Failures are thrown by the race or by Promise.all below; here they must only not go unhandled.
      sent.catch(() => undefined).finally(() => inFlight.delete(sent));
      if (inFlight.size >= partsInFlight(body.length)) await Promise.race(inFlight);
    }
    const Parts = await Promise.all(parts);
    const done = await s3.send(
      new sdk.CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }),
      { abortSignal: signal },
    );
    return {
      versionId: done.VersionId,
      sizeBytes,
      sha256: whole.digest("hex"),
      compositeSha256: `${ofParts.digest("base64")}-${Parts.length}`,
    };
  } catch (error) {
    // The step's signal may be what ended the upload: the abort gets its own time.
    await s3
      .send(new sdk.AbortMultipartUploadCommand({ ...where, UploadId }), {
        abortSignal: AbortSignal.timeout(10_000),
      })
      .catch(() => undefined);
    throw error;
  }
}

/** Small parts first, larger ones later: 10,000 parts reach 432 GiB while few bytes are held at any time. */
function partBytes(number: number): number {
  if (number <= 2_000) return 8 * MIB;
  return (number <= 4_000 ? 16 : 64) * MIB;
}

function partsInFlight(bytes: number): number {
  return bytes > 16 * MIB ? 1 : PARTS_IN_FLIGHT;
}

/** Each part in a buffer of its own, as it is being sent while the next one is filled. */
async function* inParts(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let number = 1;
  let part = Buffer.allocUnsafe(partBytes(number));
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
      part = Buffer.allocUnsafe(partBytes(number));
      filled = 0;
    }
  }
  // S3 wants at least one part, also of an empty stream.
  if (filled > 0 || number === 1) yield part.subarray(0, filled);
}
