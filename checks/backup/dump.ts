// One backup on its way to S3: packed in a thread of its own and uploaded from this one while it is being made.
import { type Target, type Uploaded, uploadParts } from "./multipart.ts";
import type { PackPlan } from "./pack.ts";
import { startPacking } from "./packing.ts";

export interface DumpPlan extends PackPlan {
  target: Target;
}

export interface Dumped extends Uploaded {
  /** Size of pg_dump's archive before compression. */
  archiveBytes: number;
  /** Of the whole object, lower case hex. */
  sha256: string;
  seconds: number;
}

/** Dumps and uploads. @throws when any part of it fails; then there is no object */
export async function dumpToS3(
  { target, databaseUrl, snapshot, encryptionKey }: DumpPlan,
  signal: AbortSignal,
): Promise<Dumped> {
  const started = performance.now();
  const packing = startPacking({ databaseUrl, snapshot, encryptionKey });
  try {
    // Loaded while pg_dump begins.
    const { S3Client } = await import("@aws-sdk/client-s3");
    const s3 = new S3Client({});
    try {
      const { uploaded, returned } = await uploadParts(s3, packing.parts, target, signal);
      const { archiveBytes, sha256 } = returned;
      return { ...uploaded, archiveBytes, sha256, seconds: (performance.now() - started) / 1000 };
    } finally {
      s3.destroy();
    }
  } finally {
    await packing.stop();
  }
}
