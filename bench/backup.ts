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
import { type Candidate, measure, table } from "./measure.ts";
import { onPath } from "./on-path.ts";
import { runSql } from "./run-sql.ts";

const DATABASE = "greenlight_bench_backup";
const SCRATCH = "greenlight_bench_restore";
const BUCKET = "greenlight-bench";
const ROWS = 1_350_000;
const PROGRAM = fileURLToPath(new URL("./backup-run.ts", import.meta.url));

// Documents, sentences of random words, numbers, times and tokens: gzip makes a third of it, as of most databases. A sentence that
// is merely repeated would be compressed in no time by everybody.
const FILL = [
  "select setseed(0.5)",
  `create temporary table sentences as with words as (select array_agg(substr(translate(encode(sha256(i::text::bytea), 'hex'),
     '0123456789', 'ghijklmnop'), 1, 3 + i % 7)) as list from generate_series(0, 2999) i)
     select i, (select string_agg(list[1 + floor(random() * 3000)::int + w * 0], ' ') from generate_series(1, 14 + i * 0) w) as text
     from generate_series(0, 19999) i, words`,
  "create unique index on sentences (i)",
  "create table events (id bigint primary key, at timestamptz not null, kind text not null, body jsonb not null, note text)",
  `insert into events select n, timestamptz '2026-01-01' + n * interval '1 second', (array['created','changed','deleted','viewed'])[1 + n % 4],
     jsonb_build_object('user', n % 9973, 'path', '/orders/' || n % 50021, 'hash', md5(n::text), 'ok', n % 7 <> 0, 'amount', round((random() * 1000)::numeric, 2)),
     a.text || ', ' || b.text || ', ' || substr(c.text, 1, 10 + n % 60) from generate_series(1, ${ROWS}) n
     join sentences a on a.i = n * 7919::bigint % 20000 join sentences b on b.i = n * 104729::bigint % 20000 join sentences c on c.i = n * 31::bigint % 20000`,
  "create index events_kind_at on events (kind, at)",
  "create table people (id bigint primary key, name text not null, token bytea not null)",
  "insert into people select i, 'person ' || i, decode(md5(i::text) || md5((i + 1)::text), 'hex') from generate_series(1, 300000) i",
];

/** Times both ways there and back. @throws when a candidate fails. */
export async function benchBackup(
  services: Services,
  environment: { [name: string]: string },
  rounds: number,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const admin = environment.GREENLIGHT_DATABASE_URL ?? "";
  const at = (database: string) => Object.assign(new URL(admin), { pathname: `/${database}` }).href;
  const set = { ...environment, BENCH_KEY: randomBytes(32).toString("hex") };
  Object.assign(process.env, servicesEnvironment(services));
  const s3 = new S3Client({});
  const tool = (name: string) => join(services.postgresqlBin, name);
  const recreate = () =>
    runSql(admin, [`drop database if exists ${SCRATCH} with (force)`, `create database ${SCRATCH}`]);
  try {
    await runSql(admin, [`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`]);
    await runSql(at(DATABASE), FILL);
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const own: Candidate = {
      name: "greenlight (zstd, AES-256-GCM, SHA-256)",
      command: [process.execPath, PROGRAM, "backup", BUCKET, "own"],
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
          command: [process.execPath, PROGRAM, "restore", BUCKET, "own", String(archiveBytes)],
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
    await runSql(
      admin,
      [DATABASE, SCRATCH].map((name) => `drop database if exists ${name} with (force)`),
    );
    rmSync(folder, { recursive: true });
  }
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
