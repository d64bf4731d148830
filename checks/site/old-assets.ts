// Assets that the build no longer has: they stay for those who have an older page open, as long as is asked for from the first
// publication without them. S3 knows only when an asset was uploaded, which may be many releases ago, so its metadata says when
// it was dropped.
import type { S3Client } from "@aws-sdk/client-s3";
import { inParallel } from "../in-parallel.ts";
import { AT_ONCE, copySourceOf } from "./bucket.ts";

const DAY_MILLISECONDS = 86_400_000;

/** The name of the metadata that holds when an asset was dropped, RFC 3339 UTC. */
export const DROPPED_AT = "dropped-at";

/** Marks those that are dropped now. @returns those whose time is over */
export async function outlived(
  s3: S3Client,
  bucket: string,
  paths: string[],
  keepAssetDays: number,
  signal: AbortSignal,
): Promise<string[]> {
  const now = Date.now();
  const due = await inParallel(paths, AT_ONCE, async (path) => {
    // What goes at once needs no mark.
    const since = keepAssetDays === 0 ? now : await droppedAt(s3, bucket, path, now, signal);
    return now - since >= keepAssetDays * DAY_MILLISECONDS;
  });
  return paths.filter((_path, at) => due[at]);
}

/** When it was dropped: now, which is then kept with it, where nothing says so. A copy of an object onto itself keeps its bytes. */
async function droppedAt(
  s3: S3Client,
  bucket: string,
  path: string,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const { CopyObjectCommand, HeadObjectCommand } = await import("@aws-sdk/client-s3");
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: path }), { abortSignal: signal });
  const known = Date.parse(head.Metadata?.[DROPPED_AT] ?? "");
  if (!Number.isNaN(known)) return known;
  await s3.send(
    new CopyObjectCommand({
      Bucket: bucket,
      Key: path,
      CopySource: copySourceOf(bucket, path),
      MetadataDirective: "REPLACE",
      ContentType: head.ContentType,
      CacheControl: head.CacheControl,
      Metadata: { ...head.Metadata, [DROPPED_AT]: new Date(now).toISOString() },
    }),
    { abortSignal: signal },
  );
  return now;
}
