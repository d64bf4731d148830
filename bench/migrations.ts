// 1,000 small migration files, from zero and with nothing to do, beside the peers found on PATH.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Services } from "../local/services/services.ts";
import { type Candidate, measure, table } from "./measure.ts";
import { onPath } from "./on-path.ts";
import { dropDatabases, runSql } from "./run-sql.ts";

const COMMAND = fileURLToPath(new URL("../greenlight/bin/greenlight", import.meta.url));
const DATABASE = "greenlight_bench";
const upOf = (index: number) =>
  `create table t${index} (id bigint primary key, name text not null);\ncreate index t${index}_name on t${index} (name);\n`;

/** One folder a naming style, all with the same statements. */
function folders(
  root: string,
  files: number,
): { plain: string; goose: string; tern: string; nodePgMigrate: string; script: string } {
  const made = {
    plain: join(root, "plain"),
    goose: join(root, "goose"),
    tern: join(root, "tern"),
    nodePgMigrate: join(root, "npm"),
    script: join(root, "all.sql"),
  };
  for (const folder of [made.plain, made.goose, made.tern, made.nodePgMigrate])
    mkdirSync(folder, { recursive: true });
  let all = "";
  for (let index = 1; index <= files; index++) {
    const number = String(index).padStart(4, "0");
    const sql = upOf(index);
    all += sql;
    writeFileSync(join(made.plain, `${number}_t.sql`), sql);
    writeFileSync(join(made.goose, `${number}_t.sql`), `-- +goose Up\n${sql}`);
    writeFileSync(join(made.tern, `${number}_t.sql`), sql);
    writeFileSync(join(made.nodePgMigrate, `${1_700_000_000_000 + index}_t.sql`), `-- Up Migration\n${sql}`);
  }
  writeFileSync(made.script, all);
  return made;
}

/** Times fresh and no-op runs; a peer that PATH does not have is named as absent. @throws when a candidate fails. */
export async function benchMigrations(
  services: Services,
  environment: { [name: string]: string },
  rounds: number,
  files = 1000,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const admin = environment.GREENLIGHT_DATABASE_URL ?? "";
  const url = new URL(admin);
  url.pathname = `/${DATABASE}`;
  const to = { ...environment, DATABASE_URL: url.href };
  const made = folders(root, files);
  const psql = join(services.postgresqlBin, "psql");
  const own: Candidate = {
    name: "greenlight",
    command: [COMMAND, "migrate", "up", "--dir", made.plain],
    environment: { ...to, PGSSLROOTCERT: environment.GREENLIGHT_CA_FILE ?? "" },
  };
  const scripted: Candidate = {
    name: "psql -1, one process",
    command: [psql, "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", made.script, url.href],
    environment: to,
  };
  const peers: Candidate[] = [
    { name: "goose", command: ["goose", "-dir", made.goose, "postgres", url.href, "up"], environment: to },
    {
      name: "tern",
      command: ["tern", "migrate", "--migrations", made.tern, "--conn-string", url.href],
      environment: to,
    },
    {
      name: "node-pg-migrate",
      command: ["node-pg-migrate", "up", "-m", made.nodePgMigrate],
      environment: to,
    },
  ];
  const present = peers.filter(({ command: [program = ""] }) => onPath(program) !== undefined);
  const absent = peers.filter((peer) => !present.includes(peer)).map(({ name }) => name);
  const recreate = () =>
    runSql(admin, [`drop database if exists ${DATABASE} with (force)`, `create database ${DATABASE}`]);
  try {
    const fresh = await measure(
      [own, scripted, ...present].map((candidate) => ({ ...candidate, prepare: recreate })),
      rounds,
    );
    const idle = [];
    for (const candidate of [own, ...present]) {
      await recreate();
      await measure([candidate], 1);
      idle.push(...(await measure([candidate], rounds)));
    }
    const noop = table(`No-op on ${files} applied files`, idle);
    const missing = absent.length > 0 ? `Not on PATH, not measured: ${absent.join(", ")}.\n` : "";
    return [table(`${files} migrations from zero`, fresh), noop, missing].join("\n");
  } finally {
    await dropDatabases(admin, DATABASE);
    rmSync(root, { recursive: true });
  }
}
