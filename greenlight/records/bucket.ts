// The records of a stack in their bucket, and the projects that are kept beside them.
import { basename } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { inParallel } from "../../checks/in-parallel.ts";
import { listRecords, readRecord } from "../../checks/record/chain.ts";
import { readRecordText, type StoredRecord } from "../../checks/record/links.ts";
import { openSnapshot, type Snapshot } from "../../checks/record/snapshot.ts";
import { folderOf } from "../../checks/record/store.ts";
import { stackNameOf } from "../../infra/settings/stack-file-path.ts";

const PREFIX = "records";
const AT_ONCE = 16;
const READ_TOGETHER = 30;
const LIMIT = AbortSignal.timeout;

export interface RecordPlace {
  bucket: string;
  system: string;
  stack: string;
  /** Of the bucket, whatever region this machine is set to. @default the environment's */
  region?: string;
}

type Environment = { [name: string]: string | undefined };

const resources = z.object({
  resources: z.array(
    z.object({ urn: z.string(), type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }),
  ),
});

/**
 * Where a stack keeps its records, from its state; undefined where it keeps none or the bucket is not made yet.
 * @param exported what `exportStack` gives
 */
export function recordPlace(stack: Pick<Stack, "name">, exported: unknown): RecordPlace | undefined {
  const found = resources.safeParse(exported).data?.resources ?? [];
  const { bucket, region } =
    found.find(
      ({ urn, type }) =>
        type.startsWith("aws:s3/bucket") &&
        /:greenlight:infra:Records\$.*Bucket/.test(urn) &&
        /bucket(V2)?:Bucket/.test(type),
    )?.outputs ?? {};
  const system = found
    .find(({ type }) => type === "greenlight:infra:Records")
    ?.urn.split("::")
    .at(-1);
  return typeof bucket === "string" && system !== undefined
    ? { bucket, system, stack: stackNameOf(stack.name), ...(typeof region === "string" ? { region } : {}) }
    : undefined;
}

/** @throws when the stack keeps no records, saying what to add */
export async function existingRecordPlace(stack: Stack): Promise<RecordPlace> {
  const place = recordPlace(stack, (await stack.exportStack()).deployment);
  if (place) return place;
  throw new Error(`stack "${stack.name}": keeps no release records, want some; add greenlight:record`);
}

/** The newest records, oldest first. @param most how many at most @param environment where the addresses and keys of AWS are */
export async function newestRecords(
  place: RecordPlace,
  most: number,
  environment: Environment = process.env,
): Promise<StoredRecord[]> {
  return readRecords(place, environment, (keys, read) => read(keys.slice(-most)));
}

/** The newest records back to where they are `enough`, oldest first; all of them where they never are. */
export async function recordsUntil(
  place: RecordPlace,
  enough: (records: StoredRecord[]) => boolean,
  environment: Environment = process.env,
): Promise<StoredRecord[]> {
  return readRecords(place, environment, async (keys, read) => {
    let records: StoredRecord[] = [];
    while (records.length < keys.length && !enough(records))
      records = [
        ...(await read(keys.slice(0, keys.length - records.length).slice(-READ_TOGETHER))),
        ...records,
      ];
    return records;
  });
}

/** The records from a time on and those before them back to one that passed, which say what was there; oldest first. */
export async function recordsSince(place: RecordPlace, since: Date): Promise<StoredRecord[]> {
  // A record's name begins with its time.
  const first = since.toISOString().replaceAll(/[:.]/g, "-");
  return readRecords(place, process.env, async (keys, read) => {
    const index = keys.findIndex((key) => basename(key) >= first);
    const before = keys.slice(0, index < 0 ? keys.length : index);
    let records = await read(keys.slice(before.length));
    for (const key of before.reverse()) {
      const older = await read([key]);
      records = [...older, ...records];
      if (older.some(({ document }) => document.result === "passed")) break;
    }
    return records;
  });
}

function readRecords(
  place: RecordPlace,
  environment: Environment,
  choose: (keys: string[], read: (keys: string[]) => Promise<StoredRecord[]>) => Promise<StoredRecord[]>,
): Promise<StoredRecord[]> {
  return withS3(environment, place.region, async (s3) => {
    const folder = folderOf({ prefix: PREFIX, ...place });
    const keys = await listRecords(s3, place.bucket, folder, LIMIT(60_000)).catch((error: Error) => {
      throw new Error(
        `records in bucket "${place.bucket}": ${error.message}, want them listed; check network and credentials, on the local services with greenlight local status`,
        { cause: error },
      );
    });
    return choose(keys, (chosen) =>
      inParallel(chosen, AT_ONCE, async (key) => {
        const { bytes } = await readRecord(s3, place.bucket, key, LIMIT(60_000));
        return readRecordText(key, bytes.toString());
      }),
    );
  });
}

/** A project as it was deployed. @throws when it is gone or is not what was deployed */
export async function fetchSnapshot(
  { bucket, region }: RecordPlace,
  { key, sha256 }: { key: string; sha256: string },
): Promise<Snapshot> {
  return withS3(process.env, region, async (s3) => {
    const { bytes } = await readRecord(s3, bucket, key, LIMIT(300_000));
    return openSnapshot(bytes, sha256);
  });
}

/** Lends a client. Local services are not in this process's own environment. */
export async function withS3<T>(
  environment: Environment,
  region: string | undefined,
  use: (s3: S3Client) => Promise<T>,
): Promise<T> {
  const {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: here,
  } = environment;
  const given = endpoint && accessKeyId && secretAccessKey && { accessKeyId, secretAccessKey };
  const s3 = new S3Client({
    ...(given && {
      endpoint,
      credentials: { ...given, ...(sessionToken && { sessionToken }) },
      region: here,
    }),
    ...(region !== undefined && { region }),
  });
  try {
    return await use(s3);
  } finally {
    s3.destroy();
  }
}
