// The rehearsal of pending migrations on a copy restored from the backup, beside the same by hand: fetch, pg_restore, psql up, down
// and up. Ours also digests schema and rows before and after, and proves that the copy is kept from others.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { Services } from "../local/services/services.ts";
import { fillOf } from "./database.ts";
import { type Candidate, measure, table } from "./measure.ts";
import { onPath } from "./on-path.ts";
import { dropDatabases, runSql } from "./run-sql.ts";

const DATABASE = "greenlight_bench_rehearsal";
const SCRATCH = "greenlight_bench_by_hand";
const BUCKET = "greenlight-bench-rehearsal";
const ROWS = 300_000;
const program = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Way up and way down of each pending file. */
const FILES: [up: string, down: string][] = [
  [
    "alter table events add column source text not null default 'web'",
    "alter table events drop column source",
  ],
  ["create index events_source on events (source)", "drop index events_source"],
  [
    "create table tags (event bigint references events, tag text not null, primary key (event, tag))",
    "drop table tags",
  ],
  ["insert into tags select id, kind from events where id % 10 = 0", "delete from tags"],
  ["create index people_name on people (name)", "drop index people_name"],
];

/** A Markdown table; without aws on PATH ours alone. @throws when a candidate fails */
export async function benchRehearsal(
  services: Services,
  environment: { [name: string]: string },
  rounds: number,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  Object.assign(process.env, environment);
  const s3 = new S3Client({});
  const admin = environment.GREENLIGHT_DATABASE_URL ?? "";
  const at = (database: string) => Object.assign(new URL(admin), { pathname: `/${database}` }).href;
  const tool = (name: string) => join(services.postgresqlBin, name);
  try {
    await runSql(admin, [`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`]);
    await runSql(at(DATABASE), fillOf(ROWS));
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const set = {
      ...environment,
      DATABASE_URL: at(DATABASE),
      BENCH_KEY: randomBytes(32).toString("hex"),
      // As `npm run demo` and the commands have it.
      NODE_COMPILE_CACHE: program("../node_modules/.cache/greenlight"),
    };
    const told = execFileSync(
      process.execPath,
      [program("./backup-run.ts"), "backup", BUCKET, "own.sealed"],
      {
        env: { ...process.env, ...set },
        encoding: "utf8",
      },
    );
    const { archiveBytes } = JSON.parse(told) as { archiveBytes: number };
    const own: Candidate = {
      name: "greenlight rehearsal",
      command: [
        process.execPath,
        program("./rehearsal-run.ts"),
        migrations(folder),
        BUCKET,
        String(archiveBytes),
      ],
      environment: set,
    };
    const candidates = [own];
    if (onPath("aws")) {
      const archive = join(folder, "hand.dump");
      execFileSync(tool("pg_dump"), ["-Fc", "-Z1", "-f", archive, at(DATABASE)], {
        env: { ...process.env, ...environment },
      });
      execFileSync("aws", ["s3", "cp", archive, `s3://${BUCKET}/hand`, "--only-show-errors"], {
        env: { ...process.env, ...environment },
      });
      candidates.push({
        name: "by hand: aws s3 cp, pg_restore -j2, psql",
        command: ["sh", "-ec", byHand(tool, archive, at("postgres"), at(SCRATCH), scripts(folder))],
        environment: set,
      });
    }
    const measured = table(
      `Rehearsal of ${FILES.length} files on ${ROWS} rows`,
      await measure(candidates, rounds),
    );
    return candidates.length === 1 ? `${measured}\naws is not on PATH and was not measured.\n` : measured;
  } finally {
    s3.destroy();
    await dropDatabases(admin, DATABASE, SCRATCH);
    rmSync(folder, { recursive: true });
  }
}

function migrations(folder: string): string {
  const directory = join(folder, "migrations");
  mkdirSync(directory);
  for (const [index, [up, down]] of FILES.entries()) {
    writeFileSync(join(directory, `${index + 1}_change.sql`), up);
    writeFileSync(join(directory, `${index + 1}_change.down.sql`), down);
  }
  return directory;
}

function scripts(folder: string): { up: string; down: string } {
  const named = { up: join(folder, "up.sql"), down: join(folder, "down.sql") };
  writeFileSync(named.up, FILES.map(([up]) => `${up};\n`).join(""));
  writeFileSync(
    named.down,
    FILES.toReversed()
      .map(([, down]) => `${down};\n`)
      .join(""),
  );
  return named;
}

function byHand(
  tool: (name: string) => string,
  archive: string,
  server: string,
  scratch: string,
  { up, down }: { up: string; down: string },
): string {
  const psql = (url: string, rest: string) => `"${tool("psql")}" -q -v ON_ERROR_STOP=1 "${url}" ${rest}`;
  return [
    `aws s3 cp s3://${BUCKET}/hand "${archive}" --only-show-errors`,
    psql(server, `-c "create database ${SCRATCH}"`),
    `"${tool("pg_restore")}" -j2 -d "${scratch}" "${archive}"`,
    ...[up, down, up].map((file) => psql(scratch, `-f "${file}"`)),
    psql(server, `-c "drop database ${SCRATCH}"`),
  ].join("\n");
}
