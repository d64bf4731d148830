// Uploads parts to S3 as they come, in constant memory, each with its SHA-256 checked by S3. An upload that does not finish is
// aborted, so that no paid-for parts stay behind.
import { createHash } from "node:crypto";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import type { HeldPart } from "./packing.ts";

export interface Target {
  bucket: string;
  key: string;
  /** Key of KMS that encrypts the object at rest; its ARN or id. @default the bucket's own encryption */
  kmsKeyId?: string | undefined;
  metadata: { [name: string]: string };
}

export interface Uploaded {
  /** Absent where the bucket keeps no versions. */
  versionId?: string | undefined;
  sizeBytes: number;
  /** What S3 reports as the object's checksum: hash of the parts' hashes, base64, `-` and the number of parts. */
  compositeSha256: string;
}

/** @throws what the parts or S3 throw, after the upload was aborted */
export async function uploadParts<End>(
  s3: S3Client,
  parts: AsyncGenerator<HeldPart, End>,
  target: Target,
  signal: AbortSignal,
): Promise<{ uploaded: Uploaded; returned: End }> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  // A part that is waited for may come late: the signal and a failed request end the wait.
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  either.addEventListener("abort", () => ended.reject(either.reason), { once: true });
  const where = { Bucket: target.bucket, Key: target.key };
  const sdk = await import("@aws-sdk/client-s3");
  const { UploadId } = await s3.send(new sdk.CreateMultipartUploadCommand(creationOf(target)), {
    abortSignal: signal,
  });
  try {
    const ofParts = createHash("sha256");
    const sending: Promise<CompletedPart>[] = [];
    let sizeBytes = 0;
    for (;;) {
      const next = await Promise.race([parts.next(), ended.promise]);
      if (next.done) {
        const Parts = await Promise.all(sending);
        const done = await s3.send(
          new sdk.CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }),
          { abortSignal: signal },
        );
        const compositeSha256 = `${ofParts.digest("base64")}-${Parts.length}`;
        return { uploaded: { versionId: done.VersionId, sizeBytes, compositeSha256 }, returned: next.value };
      }
      const { bytes, sha256, release } = next.value;
      const PartNumber = sending.length + 1;
      const ChecksumSHA256 = Buffer.from(sha256).toString("base64");
      ofParts.update(sha256);
      sizeBytes += bytes.length;
      const command = new sdk.UploadPartCommand({
        ...where,
        UploadId,
        PartNumber,
        Body: bytes,
        ChecksumSHA256,
      });
      signedWith(command, sha256);
      const sent = s3.send(command, { abortSignal: either }).then(({ ETag }) => {
        release();
        return { ETag, PartNumber, ChecksumSHA256 };
      });
      sent.catch((error: unknown) => failure.abort(error));
      sending.push(sent);
    }
  } catch (error) {
    failure.abort(error);
    // The step's signal may be what ended the upload: the abort gets its own time.
    await s3
      .send(new sdk.AbortMultipartUploadCommand({ ...where, UploadId }), {
        abortSignal: AbortSignal.timeout(10_000),
      })
      .catch(() => undefined);
    throw error;
  }
}

function creationOf({ bucket, key, kmsKeyId, metadata }: Target) {
  return {
    Bucket: bucket,
    Key: key,
    ...(kmsKeyId
      ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true } as const)
      : {}),
    ChecksumAlgorithm: "SHA256" as const,
    ContentType: "application/octet-stream",
    Metadata: metadata,
  };
}

/** The signature is over the body's hash, which is known: without this the SDK would hash each part once more. */
function signedWith(command: import("@aws-sdk/client-s3").UploadPartCommand, sha256: Uint8Array): void {
  command.middlewareStack.add(
    (next) => (given) => {
      const { request } = given;
      if (request !== null && typeof request === "object" && "headers" in request)
        Object.assign(request.headers as object, {
          "x-amz-content-sha256": Buffer.from(sha256).toString("hex"),
        });
      return next(given);
    },
    { step: "build", name: "bodyHash" },
  );
}
