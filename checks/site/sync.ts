// Brings a folder into a bucket so that no visitor sees a page whose parts are missing: assets first, then documents, and
// only then are documents that no longer exist removed. Assets of earlier builds stay for those who have an old page open.
import { readFile } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { inParallel } from "../in-parallel.ts";
import { AT_ONCE, copySourceOf } from "./bucket.ts";
import { CACHE_CONTROL, isPart, type SiteFile } from "./files.ts";
import { DROPPED_AT, outlived } from "./old-assets.ts";

export interface Synced {
  uploaded: string[];
  /** Those of `uploaded` that are a recorded version of their object again. */
  returned: string[];
  unchanged: number;
  removed: string[];
  /** Assets of earlier builds that stay. */
  kept: string[];
  /** By path; "" where the bucket keeps no versions. */
  versions: { [path: string]: string };
}

interface Stored {
  sha256?: string;
  /** Of an asset that a build did not have, RFC 3339 UTC. */
  droppedAt?: string;
  versionId: string;
  contentType?: string;
  cacheControl?: string;
}

/** By path: what was served once, and as which version of its object. */
export interface RecordedSite {
  [path: string]: { sha256: string; versionId: string };
}

/**
 * @param keepAssetDays how long an asset stays from the first publication without it
 * @param recorded in a rollback: files whose bytes come from the bucket's own versions
 */
export async function syncSite(
  s3: S3Client,
  bucket: string,
  files: SiteFile[],
  keepAssetDays: number,
  signal: AbortSignal,
  recorded: RecordedSite = {},
): Promise<Synced> {
  const present = await listBucket(s3, bucket, signal);
  const synced: Synced = { uploaded: [], returned: [], unchanged: 0, removed: [], kept: [], versions: {} };
  for (const first of [true, false]) {
    const group = files.filter(({ path }) => isPart(path) === first);
    await inParallel(group, AT_ONCE, async (file) => {
      const stored = present.has(file.path) ? await headOf(s3, bucket, file.path, signal) : undefined;
      if (stored && isSame(stored, file)) {
        synced.versions[file.path] = stored.versionId;
        synced.unchanged += 1;
        return;
      }
      const again = await bringBack(s3, bucket, file, recorded[file.path], signal);
      if (again !== undefined) synced.returned.push(file.path);
      synced.versions[file.path] = again ?? (await upload(s3, bucket, file, signal));
      synced.uploaded.push(file.path);
    });
  }
  const wanted = new Set(files.map((file) => file.path));
  const surplus = [...present].filter((path) => !wanted.has(path));
  const assets = surplus.filter((path) => isPart(path));
  const old = await outlived(s3, bucket, assets, keepAssetDays, signal);
  synced.removed = [...surplus.filter((path) => !isPart(path)), ...old];
  const gone = new Set(old);
  synced.kept = assets.filter((path) => !gone.has(path));
  await removeAll(s3, bucket, synced.removed, signal);
  synced.uploaded.sort();
  return synced;
}

async function listBucket(s3: S3Client, bucket: string, signal: AbortSignal): Promise<Set<string>> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const present = new Set<string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }, { abortSignal: signal }))
    for (const { Key } of page.Contents ?? []) if (Key) present.add(Key);
  return present;
}

async function headOf(s3: S3Client, bucket: string, path: string, signal: AbortSignal): Promise<Stored> {
  const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: path }), { abortSignal: signal });
  return {
    sha256: head.Metadata?.sha256,
    droppedAt: head.Metadata?.[DROPPED_AT],
    versionId: head.VersionId ?? "",
    contentType: head.ContentType,
    cacheControl: head.CacheControl,
  };
}

function isSame(stored: Stored, file: SiteFile): boolean {
  return (
    stored.sha256 === file.sha256 &&
    // Of a file that is wanted again: its time would go on from when it was dropped before.
    stored.droppedAt === undefined &&
    stored.contentType === file.contentType &&
    stored.cacheControl === CACHE_CONTROL[file.kind]
  );
}

async function upload(s3: S3Client, bucket: string, file: SiteFile, signal: AbortSignal): Promise<string> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: file.path,
      Body: await readFile(file.file),
      ContentType: file.contentType,
      CacheControl: CACHE_CONTROL[file.kind],
      ChecksumSHA256: Buffer.from(file.sha256, "hex").toString("base64"),
      Metadata: { sha256: file.sha256 },
    }),
    { abortSignal: signal },
  );
  return VersionId ?? "";
}

/** What S3 says of a version that is not there any more, e.g. because its time was over. */
const GONE = ["NoSuchVersion", "NoSuchKey", "InvalidArgument", "MethodNotAllowed"];

/** Makes the recorded version the newest one and gives its id; undefined where it is not kept: then the file is uploaded. */
async function bringBack(
  s3: S3Client,
  bucket: string,
  file: SiteFile,
  recorded: RecordedSite[string] | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (recorded?.sha256 !== file.sha256 || recorded.versionId === "") return undefined;
  const { CopyObjectCommand } = await import("@aws-sdk/client-s3");
  const source = `${copySourceOf(bucket, file.path)}?versionId=${encodeURIComponent(recorded.versionId)}`;
  try {
    const { VersionId } = await s3.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: file.path,
        CopySource: source,
        MetadataDirective: "REPLACE",
        ContentType: file.contentType,
        CacheControl: CACHE_CONTROL[file.kind],
        Metadata: { sha256: file.sha256 },
      }),
      { abortSignal: signal },
    );
    return VersionId ?? "";
  } catch (error) {
    if (error instanceof Error && GONE.includes(error.name)) return undefined;
    throw error;
  }
}

async function removeAll(s3: S3Client, bucket: string, paths: string[], signal: AbortSignal): Promise<void> {
  const { DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
  for (let at = 0; at < paths.length; at += 1000) {
    const Objects = paths.slice(at, at + 1000).map((Key) => ({ Key }));
    const { Errors } = await s3.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      { abortSignal: signal },
    );
    const [first] = Errors ?? [];
    if (first) throw new Error(`site: ${first.Key} is not removed: ${first.Code}`);
  }
}
