// What the scheduled backups left in the bucket: one report a run, as JSON, named by its time.
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { readOwn } from "../own-document.ts";

/** Folder of the reports in the bucket of the backups; those of failed runs are there, too. */
export const REPORTS = "scheduled";

export const backupReport = () =>
  z.object({
    /** The plan that it ran by, five fields, UTC. */
    cron: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime(),
    result: z.enum(["passed", "failed"]),
    /** Why there is no backup, when it could not even be judged. */
    problem: z.string().nullable(),
    /** What the backup step observed. */
    observations: z.array(
      z.object({ id: z.string(), result: z.string(), expected: z.string(), observed: z.string() }),
    ),
    /** What the backup step keeps: key, sizes, times. */
    facts: z.record(z.string(), z.json()),
  });
export type BackupReport = z.output<ReturnType<typeof backupReport>>;

export interface ReportPlace {
  bucket: string;
  database: string;
}

/** The newest report; undefined when there is none. */
export async function newestReport(
  s3: S3Client,
  { bucket, database }: ReportPlace,
  signal: AbortSignal,
): Promise<BackupReport | undefined> {
  const { GetObjectCommand, paginateListObjectsV2 } = await import("@aws-sdk/client-s3");
  let newest: string | undefined;
  const wanted = { Bucket: bucket, Prefix: `${REPORTS}/${database}/` };
  for await (const page of paginateListObjectsV2({ client: s3 }, wanted, { abortSignal: signal }))
    newest = page.Contents?.at(-1)?.Key ?? newest;
  if (newest === undefined) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: newest }), {
    abortSignal: signal,
  });
  if (!(Body instanceof Readable)) throw new Error(`report "${newest}": s3 answered without a body`);
  const fix = "delete it: the one before it counts, and the next backup writes another";
  return readOwn(backupReport(), await text(Body), `report "${newest}"`, fix);
}

/** The size of a report's backup as it lies in the bucket now; undefined when it does not. */
export async function storedBytes(
  s3: S3Client,
  bucket: string,
  { facts: { key } }: BackupReport,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (typeof key !== "string") return undefined;
  const { HeadObjectCommand } = await import("@aws-sdk/client-s3");
  try {
    const asked = new HeadObjectCommand({ Bucket: bucket, Key: key });
    return (await s3.send(asked, { abortSignal: signal })).ContentLength;
  } catch (error) {
    if (error instanceof Error && error.name === "NotFound") return undefined;
    throw error;
  }
}

/** Stores a report under its time, so that the newest is the last by name. */
export async function storeReport(
  s3: S3Client,
  { bucket, database, kmsKeyId }: ReportPlace & { kmsKeyId?: string | undefined },
  report: BackupReport,
  signal: AbortSignal,
): Promise<void> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const encryption = kmsKeyId
    ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true } as const)
    : {};
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `${REPORTS}/${database}/${report.startedAt.replace(/[:.]/g, "-")}.json`,
      Body: JSON.stringify(report, null, 2),
      ContentType: "application/json",
      ...encryption,
    }),
    { abortSignal: signal },
  );
}
