// Looks whether everything that a rollback of this deployment needs is there.
import type { S3Client } from "@aws-sdk/client-s3";
import { listRecords, readRecord } from "../record/chain.ts";
import { expectedSeconds } from "../record/duration.ts";
import { readRecordText, type StoredRecord } from "../record/links.ts";
import { openSnapshot } from "../record/snapshot.ts";
import { folderOf } from "../record/store.ts";
import { isFirst, newestOther } from "../record/target.ts";
import type { RollbackInputs } from "../rollback.ts";
import { type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { replaced } from "./replaced.ts";

const RECORDS_AT_ONCE = 20;

export async function runRollback(given: RollbackInputs, { signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    const { records, whole } = await recordsOf(s3, given, signal);
    const target = newestOther(records, given.parts);
    const ways = [
      judgeDown(given.rehearsal),
      judgeBackup(given.backup),
      judgeTarget(target),
      await judgeProject(s3, given, target, signal),
      judgeDuration(given, target),
    ];
    return {
      observations: [
        ...ways,
        judgePrepared(ways, whole && isFirst(records, given.parts)),
        ...(await replaced(given, new Date(), signal)),
      ],
      facts: { to: target?.key ?? null, expectedSeconds: target ? expectedSeconds(target.document) : null },
    };
  } finally {
    s3.destroy();
  }
}

/** The newest records, back to the one to go back to, and whether those are all: a release may be updated any number of times. */
async function recordsOf(
  s3: S3Client,
  given: RollbackInputs,
  signal: AbortSignal,
): Promise<{ records: StoredRecord[]; whole: boolean }> {
  const keys = await listRecords(s3, given.bucket, folderOf(given), signal);
  let records: StoredRecord[] = [];
  while (records.length < keys.length && newestOther(records, given.parts) === undefined) {
    const unread = keys.slice(0, keys.length - records.length);
    const older = await Promise.all(
      unread.slice(-RECORDS_AT_ONCE).map(async (key) => {
        const { bytes } = await readRecord(s3, given.bucket, key, signal);
        return readRecordText(key, bytes.toString());
      }),
    );
    records = [...older, ...records];
  }
  return { records, whole: records.length === keys.length };
}

const REHEARSED = ["reversible", "schema-restored", "data-restored"];

/** @param rehearsal what the rehearsal on the restored copy observed */
export function judgeDown(rehearsal: RollbackInputs["rehearsal"]): Observation {
  const expected =
    "every pending migration went up, down and up on a copy and left schema and rows as they were";
  if (rehearsal === undefined)
    return { id: "down-files", result: "notApplicable", expected, observed: "migrations are not rehearsed" };
  const found = rehearsal.filter(({ id }) => REHEARSED.includes(id));
  const bad = found.filter(({ result }) => result !== "passed" && result !== "notApplicable");
  const observed = (bad.length > 0 ? bad : found).map((o) => `${o.id}: ${o.observed}`).join("; ");
  return observe(
    "down-files",
    bad.length === 0 && found.length > 0,
    expected,
    observed || "nothing was rehearsed",
  );
}

function judgeBackup(backup: RollbackInputs["backup"]): Observation {
  const expected = "the backup of this deployment restores with equal rows";
  if (backup === undefined)
    return { id: "backup", result: "notApplicable", expected, observed: "the stack makes no backup" };
  const drill = ["restored", "data-equal"].map((id) => backup.find((o) => o.id === id));
  const observed = drill.map((o) => (o ? `${o.id}: ${o.observed}` : "not observed")).join("; ");
  return observe(
    "backup",
    drill.every((o) => o?.result === "passed"),
    expected,
    observed,
  );
}

const FIRST = "no other release is on record: from this first one the way back is to take it away";

function judgeTarget(target: StoredRecord | undefined): Observation {
  const expected = "an earlier release on record that passed";
  return target
    ? observe("target", true, expected, `${target.document.release} of ${target.document.recordedAt}`)
    : { id: "target", result: "notApplicable", expected, observed: FIRST };
}

async function judgeProject(
  s3: S3Client,
  { bucket }: RollbackInputs,
  target: StoredRecord | undefined,
  signal: AbortSignal,
): Promise<Observation> {
  const expected = "its project is kept, byte for byte";
  const kept = target?.document.snapshot;
  if (!kept) return { id: "project", result: "notApplicable", expected, observed: FIRST };
  try {
    const { bytes } = await readRecord(s3, bucket, kept.key, signal);
    const { files } = await openSnapshot(bytes, kept.sha256);
    return observe("project", true, expected, `${Object.keys(files).length} files in ${kept.key}`);
  } catch (error) {
    return observe("project", false, expected, error instanceof Error ? error.message : String(error));
  }
}

function judgeDuration({ limitSeconds }: RollbackInputs, target: StoredRecord | undefined): Observation {
  const expected = `back within ${limitSeconds} s, by the times on record`;
  if (!target) return { id: "duration", result: "notApplicable", expected, observed: FIRST };
  const seconds = expectedSeconds(target.document);
  return observe("duration", seconds <= limitSeconds, expected, `about ${seconds} s`);
}

/**
 * At least one way back that was tried, and nothing that speaks against it.
 * @param first whether nothing was released before: then there is nothing to go back to, prepared or not
 */
export function judgePrepared(ways: Observation[], first: boolean): Observation {
  const expected = "a way back that was tried, and nothing that stands in it";
  const bad = ways.filter(({ result }) => result !== "passed" && result !== "notApplicable");
  const good = ways.filter(({ result }) => result === "passed");
  const observed = (bad.length > 0 ? bad : good).map(({ id, observed: seen }) => `${id}: ${seen}`).join("; ");
  if (first && bad.length === 0 && good.length === 0)
    return { id: "prepared", result: "notApplicable", expected, observed: FIRST };
  return observe(
    "prepared",
    bad.length === 0 && good.some(({ id }) => id !== "duration"),
    expected,
    observed || "nothing was tried",
  );
}
