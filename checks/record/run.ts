// Puts one record together from what the steps observed, keeps the project beside it, writes it and reads it back.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { count, judge, readChecklist } from "../../report/checklist.ts";
import type { StepReport } from "../../report/steps.ts";
import { withDatabase } from "../database.ts";
import type { RecordInputs } from "../record.ts";
import { type Fact, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { writeAtomically } from "../write-atomically.ts";
import { listRecords, readRecord } from "./chain.ts";
import { type Commit, commitsBetween } from "./commits.ts";
import { type Looked, lookAtDatabase } from "./database.ts";
import type { RecordContent } from "./document.ts";
import { readRecordText } from "./links.ts";
import { judgeRestored } from "./restored.ts";
import { packSnapshot, takeSnapshot } from "./snapshot.ts";
import { appendRecord, folderOf, putOnce } from "./store.ts";
import { backupOf, flagsOf } from "./summary.ts";

const RECORDS_LOOKED_BACK = 20;

export async function runRecord(given: RecordInputs, { log, signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    const looked = await databaseOf(given, signal);
    const restored = given.undo ? judgeRestored(given.undo, given, looked, new Date()) : [];
    const time = [...(given.time ? [judgeTime(given.time, new Date())] : []), ...judgeStepTimes(given)];
    const steps = [judgeSteps(given), ...time, ...restored];
    const kept = await keepSnapshot(s3, given, signal);
    const content: RecordContent = {
      result: steps.every(({ result }) => result !== "failed") ? "passed" : "failed",
      system: given.system,
      stack: given.stack,
      release: given.release,
      commit: given.commit,
      steps: given.steps,
      parts: given.parts,
      settings: given.settings ?? null,
      commits: await commitsOf(s3, given, signal),
      outputs: given.outputs,
      versions: { ...(await engineVersion(signal)), ...versionsOf() },
      flags: flagsOf(given.steps),
      backup: backupOf(given.steps),
      // Found by its content: the state in which the step `record` names this record.
      checkpoint: given.checkpoint ? { ...given.checkpoint, step: "record" } : null,
      database: looked?.state ?? null,
      snapshot: kept ? { key: kept.key, sha256: kept.sha256, migrations: given.migrations ?? null } : null,
      boxes: await boxesOf(given),
      rollback: given.undo
        ? {
            to: given.undo.to,
            undoes: given.undo.undoes,
            seconds: (Date.now() - Date.parse(given.undo.startedAt)) / 1000,
            limitSeconds: given.undo.limitSeconds,
          }
        : null,
      failure: null,
      startedAt: null,
    };
    const written = await appendRecord(s3, given, content, signal);
    const copied = content.boxes ? [judgeCopy(written.bytes.toString())] : [];
    if (given.file !== undefined) await writeAtomically(given.file, written.bytes);
    log(`record ${written.key}`);
    const { key, versionId, sha256, previousKey, bytes } = written;
    return {
      observations: [...steps, ...written.observations, ...copied, ...(kept ? [kept.observation] : [])],
      facts: {
        key,
        versionId,
        sha256,
        sizeBytes: bytes.length,
        previousKey,
        snapshot: kept ? kept.key : null,
        versions: content.versions as Fact,
      },
    };
  } finally {
    s3.destroy();
  }
}

function databaseOf({ database }: RecordInputs, signal: AbortSignal): Promise<Looked | undefined> {
  if (database === undefined) return Promise.resolve(undefined);
  const place = { schema: database.schema, table: database.historyTable };
  return withDatabase(database.url, { application: "record", signal }, (client) =>
    lookAtDatabase(client, place),
  );
}

/** What came since the last release that passed; a rollback brings nothing new. */
async function commitsOf(s3: S3Client, given: RecordInputs, signal: AbortSignal): Promise<Commit[]> {
  if (given.project === undefined || given.commit === "") return [];
  const keys = await listRecords(s3, given.bucket, folderOf(given), signal);
  for (const key of keys.slice(-RECORDS_LOOKED_BACK).reverse()) {
    const { document } = readRecordText(
      key,
      (await readRecord(s3, given.bucket, key, signal)).bytes.toString(),
    );
    if (document.result === "passed" && document.rollback === null)
      return commitsBetween(given.project.directory, document.commit, given.commit, signal);
  }
  return commitsBetween(given.project.directory, undefined, given.commit, signal);
}

/** The project under the digest of its content; one that is there already is the same. */
async function keepSnapshot(
  s3: S3Client,
  given: RecordInputs,
  signal: AbortSignal,
): Promise<{ key: string; sha256: string; observation: Observation } | undefined> {
  if (given.project === undefined) return undefined;
  const { directory, others } = given.project;
  const taken = takeSnapshot(
    process.cwd(),
    resolve(directory),
    others.map((path) => resolve(path)),
  );
  const { bytes, sha256 } = await packSnapshot(taken);
  const key = `snapshots/${given.system}/${sha256}.json.gz`;
  const there = await listRecords(s3, given.bucket, `snapshots/${given.system}`, signal, ".json.gz");
  const stored =
    there.includes(key) || (await putOnce(s3, given, key, bytes, signal)).observation.result === "passed";
  const files = Object.keys(taken.files).length;
  const observed = `${files} files, ${bytes.length} bytes as ${key}`;
  return {
    key,
    sha256,
    observation: observe(
      "snapshot",
      stored,
      "the project as it was deployed is kept beside the records",
      observed,
    ),
  };
}

/** This deployment's copy of the checklist, as it stands in the stored record. */
function judgeCopy(text: string): Observation {
  const { boxes } = z
    .object({
      boxes: z.object({
        counts: z.object({ total: z.number() }),
        verdicts: z.record(z.string(), z.string()),
      }),
    })
    .parse(JSON.parse(text));
  const copied = Object.values(boxes.verdicts);
  const settled = copied.filter((verdict) => !["open", "pending"].includes(verdict)).length;
  return observe(
    "checklist",
    copied.length === boxes.counts.total,
    `a copy of the checklist in this deployment's record, each of its ${boxes.counts.total} boxes with its verdict`,
    `${copied.length} boxes, ${settled} settled by then`,
  );
}

/** The boxes as these steps settle them; the record itself is not among them yet. */
async function boxesOf(given: RecordInputs): Promise<RecordContent["boxes"]> {
  if (given.checklist === undefined) return null;
  const list = readChecklist(await readFile(given.checklist, "utf8"), given.checklist);
  const steps = Object.entries(given.steps).map(
    ([name, outcome]): StepReport => ({
      name,
      // Gates are known by what they keep.
      kind: "statements" in outcome.facts ? "sign-off" : name,
      result: outcome.result,
      observations: outcome.observations as StepReport["observations"],
      facts: outcome.facts,
    }),
  );
  const boxes = judge(list, steps, new Date().toISOString().slice(0, 10));
  return {
    counts: count(boxes),
    verdicts: Object.fromEntries(boxes.map(({ id, verdict }) => [id, verdict])),
  };
}

/** What `pulumi` on PATH says: the Automation API and the CLI both put the running one there. */
async function engineVersion(signal: AbortSignal): Promise<{ engine?: string }> {
  try {
    const { stdout } = await promisify(execFile)("pulumi", ["version"], { signal, timeout: 20_000 });
    return { engine: stdout.trim() };
  } catch {
    // A record without it is better than none.
    return {};
  }
}

/** Node, the SDK and the plugins, which have the versions of their packages. */
function versionsOf(): { [name: string]: string } {
  const require = createRequire(import.meta.url);
  const packages = ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/postgresql", "@pulumi/random"];
  return Object.fromEntries([
    ["node", process.versions.node],
    ...packages.map((name) => {
      const { version }: { version: string } = require(`${name}/package.json`);
      return [name, version];
    }),
  ]);
}

/** Observation `time`: from the start of the update to its record. */
export function judgeTime(
  { startedAt, maximumMinutes }: NonNullable<RecordInputs["time"]>,
  now: Date,
): Observation {
  const minutes = (now.getTime() - Date.parse(startedAt)) / 60_000;
  const expected = `the whole deployment in less than ${maximumMinutes} min`;
  return observe("time", minutes < maximumMinutes, expected, `${minutes.toFixed(1)} min since ${startedAt}`);
}

function judgeSteps({ steps }: RecordInputs): Observation {
  const all = Object.entries(steps);
  const unproven = all.filter(([, { result }]) => result === "failed" || result === "inconclusive");
  const bad = unproven.filter(([, { accepted }]) => accepted === undefined);
  const accepted = all.flatMap(([name, step]) => (step.accepted ?? []).map((line) => `${name} ${line}`));
  const seen = all.reduce((sum, [, { observations }]) => sum + observations.length, 0);
  return observe(
    "steps",
    bad.length === 0 && all.length > 0,
    "no step failed or inconclusive, but for what is waived or advisory",
    bad.map(([name, { result }]) => `${name} ${result}`).join(", ") ||
      [`${all.length} steps, ${seen} observations`, ...accepted].join("; accepted: "),
  );
}

/** Observation `time-STEP` of each step that has a limit; one that nobody ran was not within it. */
export function judgeStepTimes({
  maximumStepSeconds,
  steps,
}: Pick<RecordInputs, "maximumStepSeconds" | "steps">): Observation[] {
  return Object.entries(maximumStepSeconds).map(([name, maximum]) => {
    const taken = steps[name]?.durationSeconds;
    const seconds = typeof taken === "number" ? taken : undefined;
    const seen = seconds === undefined ? "no such step ran" : `${seconds.toFixed(1)} s`;
    return observe(
      `time-${name}`,
      seconds !== undefined && seconds < maximum,
      `step ${name} in less than ${maximum} s`,
      seen,
    );
  });
}
