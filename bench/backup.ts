// A backup of a mixed database of about 650 MB to S3, compressed, encrypted, hashed and uploaded as one process, beside what
// people do by hand; then its restore beside pg_restore of an archive that already lies on disk.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Services, servicesEnvironment } from "../local/services/services.ts";
import { fillOf } from "./database.ts";
import { type Candidate, measure, table } from "./measure.ts";
import { onPath } from "./on-path.ts";
import { dropDatabases, runSql } from "./run-sql.ts";

const DATABASE = "greenlight_bench_backup";
const SCRATCH = "greenlight_bench_restore";
const BUCKET = "greenlight-bench";
const ROWS = 1_350_000;
const PROGRAM = fileURLToPath(new URL("./backup-run.ts", import.meta.url));

/** Times both ways there and back. @throws when a candidate fails. */
export async function benchBackup(
  services: Services,
  environment: { [name: string]: string },
  rounds: number,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const admin = environment.GREENLIGHT_DATABASE_URL ?? "";
  const at = (database: string) => Object.assign(new URL(admin), { pathname: `/${database}` }).href;
  const set = {
    ...environment,
    BENCH_KEY: randomBytes(32).toString("hex"),
    // As `npm run demo` and the commands have it.
    NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/greenlight", import.meta.url)),
  };
  Object.assign(process.env, servicesEnvironment(services));
  const s3 = new S3Client({});
  const tool = (name: string) => join(services.postgresqlBin, name);
  const recreate = () =>
    runSql(admin, [`drop database if exists ${SCRATCH} with (force)`, `create database ${SCRATCH}`]);
  try {
    await runSql(admin, [`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`]);
    await runSql(at(DATABASE), fillOf(ROWS));
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const own: Candidate = {
      name: "greenlight (zstd, AES-256-GCM, SHA-256)",
      command: [process.execPath, PROGRAM, "backup", BUCKET, "own.sealed"],
      environment: { ...set, DATABASE_URL: at(DATABASE) },
    };
    const byHand: Candidate = {
      name: "pg_dump -Fc, piped to aws s3 cp -",
      command: [
        "sh",
        "-c",
        `"${tool("pg_dump")}" -Fc "$DATABASE_URL" | aws s3 cp - s3://${BUCKET}/hand --only-show-errors`,
      ],
      environment: { ...set, DATABASE_URL: at(DATABASE) },
    };
    const withAws = onPath("aws") === undefined ? [own] : [own, byHand];
    const backups = table("Backup to S3", await measure(withAws, rounds));
    const told = execFileSync(process.execPath, own.command.slice(1), {
      env: { ...process.env, ...own.environment },
      encoding: "utf8",
    });
    const { sizeBytes, archiveBytes, peakMiB } = JSON.parse(told) as {
      sizeBytes: number;
      archiveBytes: number;
      peakMiB: number;
    };
    const hand =
      withAws.length === 2
        ? (await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: "hand" }))).ContentLength
        : undefined;
    const archive = join(folder, "archive.dump");
    execFileSync(tool("pg_dump"), ["-Fc", "-Z0", "-f", archive, at(DATABASE)], {
      env: { ...process.env, ...set },
    });
    const restores = await measure(
      [
        {
          name: "greenlight (fetched, opened, restored)",
          command: [process.execPath, PROGRAM, "restore", BUCKET, "own.sealed", String(archiveBytes)],
          environment: { ...set, DATABASE_URL: at(SCRATCH) },
          prepare: recreate,
        },
        {
          name: "pg_restore -j2 from disk",
          command: [tool("pg_restore"), "-j2", "-d", at(SCRATCH), archive],
          environment: set,
          prepare: recreate,
        },
      ],
      rounds,
    );
    const sizes = `Archive ${mib(archiveBytes)}; stored ${mib(sizeBytes)}, by hand ${hand === undefined ? "not measured: aws is not on PATH" : mib(hand)}; peak memory ${peakMiB} MiB.`;
    return [backups, sizes, "", table("Restore", restores)].join("\n");
  } finally {
    s3.destroy();
    await dropDatabases(admin, DATABASE, SCRATCH);
    rmSync(folder, { recursive: true });
  }
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
