// One backup from snapshot to verdict. The source's digests are read in the dump's own snapshot, so a busy database compares
// equal to its copy.
import type { Client } from "pg";
import type { BackupInputs } from "../backup.ts";
import { NO_TIME_LIMITS, withDatabase } from "../database.ts";
import type { Facts, Finding, StepContext } from "../step/definition.ts";
import { SEALED } from "../stored-backup.ts";
import { type Content, readContent } from "./content.ts";
import { dumpToS3 } from "./dump.ts";
import { verifyLevels } from "./levels.ts";
import { requireTools } from "./plan.ts";
import { judgeSize, trustedBytes } from "./size.ts";
import { judgeStored } from "./stored.ts";
import { majorVersionOf } from "./tool.ts";

// Beyond this many tables their digests stay out of the state; the comparison is made all the same.
const MOST_TABLES_IN_FACTS = 200;

export async function runBackup(given: BackupInputs, context: StepContext): Promise<Finding> {
  return withDatabase(given.databaseUrl, { application: "backup", signal: context.signal }, (source) =>
    backUp(given, context, source),
  );
}

async function backUp(given: BackupInputs, context: StepContext, source: Client): Promise<Finding> {
  const { log, signal } = context;
  const { database, major, snapshot } = await beginSnapshot(source);
  requireTools(await majorVersionOf("pg_dump", signal), major);
  const takenAt = new Date().toISOString();
  const key = `${given.prefix}/${database}/${takenAt.replaceAll(/[:.]/g, "-")}-${given.release}.dump.zst${given.encryptionKey ? SEALED : ""}`;
  const target = {
    bucket: given.bucket,
    key,
    kmsKeyId: given.kmsKeyId,
    // Metadata travel as headers, which take ASCII alone.
    metadata: {
      release: given.release,
      database: encodeURIComponent(database),
      "taken-at": takenAt,
      "server-major": String(major),
    },
  };
  const { databaseUrl, encryptionKey } = given;
  const dumped = await dumpToS3({ databaseUrl, snapshot, encryptionKey, target }, signal);
  log(`${mib(dumped.sizeBytes)} stored as ${key} in ${dumped.seconds.toFixed(1)} s`);
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  try {
    const stored = await judgeStored(
      s3,
      {
        ...target,
        uploaded: dumped,
        sealed: encryptionKey !== undefined,
        retentionDays: given.retentionDays,
      },
      signal,
    );
    const wanted = await readContent(source);
    await source.query("commit");
    const drill = await verifyLevels({ given, key, dumped, wanted, s3 }, signal);
    log(drill.observations.map(({ id, result }) => `${id} ${result}`).join(", "));
    const last = trustedBytes(context.previous);
    const { size, trusted } = judgeSize(dumped.sizeBytes, given.minimumSizeRatio, last);
    return {
      observations: [...stored, ...drill.observations, size],
      facts: {
        bucket: given.bucket,
        key,
        versionId: dumped.versionId ?? null,
        database,
        takenAt,
        serverMajor: major,
        sizeBytes: dumped.sizeBytes,
        trustedBytes: trusted,
        archiveBytes: dumped.archiveBytes,
        sha256: dumped.sha256,
        backupSeconds: Math.round(dumped.seconds * 1000) / 1000,
        ...drill.facts,
        ...tableFacts(wanted),
      },
    };
  } finally {
    s3.destroy();
  }
}

async function beginSnapshot(source: Client) {
  await source.query(`begin isolation level repeatable read read only; ${NO_TIME_LIMITS}`);
  const { rows } = await source.query<{ database: string; major: number; snapshot: string }>(
    `select current_database() as database, current_setting('server_version_num')::int / 10000 as major,
            pg_export_snapshot() as snapshot`,
  );
  if (!rows[0]) throw new Error("backup: the server exported no snapshot");
  return rows[0];
}

function tableFacts(content: Content): Facts {
  const tables = Object.entries(content);
  const rows = tables.reduce((sum, [, table]) => sum + table.rows, 0);
  const facts: Facts = { tableCount: tables.length, rowCount: rows };
  if (tables.length > MOST_TABLES_IN_FACTS) return facts;
  return { ...facts, tables: Object.fromEntries(tables.map(([name, table]) => [name, { ...table }])) };
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
