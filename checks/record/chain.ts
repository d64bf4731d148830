// Records in their bucket: found in the order in which they were written, read with their hash, and checked link by link.
import { createHash } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { jsonOf } from "../json-of.ts";
import { keptVersion } from "../object-version.ts";
import { type Observation, observe } from "../step/definition.ts";

// Older links were checked by the runs before.
const LINKS_CHECKED = 20;

/** The part of a record that links it. */
const linked = z.looseObject({
  previous: z.strictObject({ key: z.string(), sha256: z.string() }).nullable(),
});

export interface Link {
  key: string;
  sha256: string;
}

/** Keys of the objects with an ending under a prefix, oldest first: their names begin with the time. */
export async function listRecords(
  s3: S3Client,
  bucket: string,
  prefix: string,
  signal: AbortSignal,
  ending = ".json",
): Promise<string[]> {
  const { paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  const keys: string[] = [];
  const pages = paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: `${prefix}/` },
    { abortSignal: signal },
  );
  for await (const page of pages) keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
  return keys.filter((key) => key.endsWith(ending)).sort();
}

export async function readRecord(s3: S3Client, bucket: string, key: string, signal: AbortSignal) {
  const { GetObjectCommand } = await import("@aws-sdk/client-s3");
  const asked = new GetObjectCommand({ Bucket: bucket, Key: key });
  const { Body, VersionId } = await s3.send(asked, { abortSignal: signal });
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  return {
    bytes,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    versionId: keptVersion(VersionId),
  };
}

/**
 * Observation `chained`, over the newest records: each names the one before it with its hash.
 * @param keys oldest first
 */
export async function judgeChain(
  s3: S3Client,
  bucket: string,
  keys: string[],
  signal: AbortSignal,
): Promise<{ observation: Observation; last?: Link }> {
  const newest = keys.slice(-LINKS_CHECKED);
  const expected = "each record names the one before it and its SHA-256";
  if (newest.length === 0)
    return {
      observation: { id: "chained", result: "notApplicable", expected, observed: "this is the first record" },
    };
  const faults: string[] = [];
  let before: Link | undefined;
  for (const key of newest) {
    const { bytes, sha256 } = await readRecord(s3, bucket, key, signal);
    const parsed = linked.safeParse(jsonOf(bytes.toString()));
    const named = parsed.data?.previous;
    if (!parsed.success) faults.push(`${key}: no record`);
    else if (before && (named?.key !== before.key || named.sha256 !== before.sha256))
      faults.push(
        `${key}: names ${named ? `${named.key} with ${named.sha256.slice(0, 12)}…` : "none"}, want ${before.key} with ${before.sha256.slice(0, 12)}…`,
      );
    else if (!before && keys.length <= LINKS_CHECKED && named !== null)
      faults.push(`${key}: names ${named?.key}, which is gone`);
    before = { key, sha256 };
  }
  const observed = faults.join("; ") || `${newest.length} records, no link is broken`;
  return { observation: observe("chained", faults.length === 0, expected, observed), last: before };
}
