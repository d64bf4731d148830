import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { projectRoot } from "../../local/services/layout.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { startCommand } from "./support/command.ts";

const DATABASE = "migrate_command";
let environment: { [name: string]: string };
let folder: string;

beforeAll(async () => {
  environment = servicesEnvironment(await sharedServices());
  await onServer(`create database ${DATABASE}`);
  const address = new URL(environment.GREENLIGHT_DATABASE_URL ?? "");
  address.pathname = `/${DATABASE}`;
  environment.DATABASE_URL = address.href;
  folder = await mkdtemp(join(tmpdir(), "migrate-"));
  await writeFile(join(folder, "0001_orders.sql"), "create table orders (id bigint primary key);\n");
  await writeFile(join(folder, "0001_orders.down.sql"), "drop table orders;\n");
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await onServer(`drop database ${DATABASE} with (force)`);
});

async function onServer(sql: string): Promise<void> {
  const address = environment.GREENLIGHT_DATABASE_URL?.replace(/\?.*/, "");
  const client = new Client({ connectionString: address, ssl: { rejectUnauthorized: false } });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function onDatabase(sql: string): Promise<unknown[]> {
  const client = new Client({
    connectionString: environment.DATABASE_URL?.replace(/\?.*/, ""),
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

/** Exit code and what was printed. */
async function migrate(...args: string[]): Promise<{ code: number; text: string }> {
  const command = join(projectRoot, "greenlight/bin/greenlight");
  try {
    const env = { ...process.env, ...environment };
    const { stdout } = await promisify(execFile)(command, ["migrate", "--dir", folder, ...args], { env });
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

describe("greenlight migrate", () => {
  it("tells pending from applied, goes up, and takes back only when told to", async () => {
    expect(await migrate("status")).toMatchObject({ code: 3 });
    expect((await migrate("lint")).text).toContain("0001_orders.sql");
    const { lines } = JSON.parse((await migrate("lint", "--json")).text);
    expect(lines.join()).toContain("0001_orders.sql");
    expect(await migrate("up")).toMatchObject({ code: 0 });
    expect(await migrate("status")).toMatchObject({
      code: 0,
      text: expect.stringContaining("1 applied, 0 pending"),
    });
    expect((await migrate("down", "--to", "0")).text).toContain("would run");
    const plan = await migrate("down", "--to", "0", "--json");
    expect(JSON.parse(plan.text)).toEqual({ wouldRun: ["0001_orders.down.sql"] });
    expect(await migrate("status")).toMatchObject({ code: 0 });
    expect((await migrate("down", "--to", "0", "--yes")).text).toContain("1 taken back");
    expect(await migrate("status")).toMatchObject({ code: 3 });
  });

  it("finds what was changed by hand, with the password out of the arguments", async () => {
    expect(await migrate("up")).toMatchObject({ code: 0 });
    expect(await migrate("verify")).toMatchObject({
      code: 0,
      text: expect.stringContaining("same    tables: 1 equal"),
    });
    await onDatabase(
      "alter table orders add note text; create materialized view totals as select 1 with no data",
    );
    const address = new URL(environment.DATABASE_URL ?? "");
    const password = decodeURIComponent(address.password);
    address.password = "";
    environment.PGPASSWORD = password;
    const { code, text } = await migrate("verify", "--database-url", address.href);
    delete environment.PGPASSWORD;
    expect(code).toBe(1);
    expect(text).toContain("drift   columns: orders.note is made by no migration");
    expect(text).toContain("drift   populated: never filled: totals");
    await onDatabase("alter table orders drop note; drop materialized view totals");
    expect(await migrate("down", "--to", "0", "--yes")).toMatchObject({ code: 0 });
  });

  it("takes a history over when told to", async () => {
    await onDatabase(
      "create table schema_migrations (version text); insert into schema_migrations values ('1')",
    );
    const other = await mkdtemp(join(tmpdir(), "adopt-"));
    await writeFile(join(other, "1_a.sql"), "-- migrate:up\nselect 1;\n");
    const adopt = (...args: string[]) =>
      migrate("adopt", "--naming", "dbmate", "--history", "public.taken_over", "--dir", other, ...args);
    expect(await adopt()).toMatchObject({ code: 0, text: expect.stringContaining("would take  1  a") });
    expect(await adopt("--yes")).toMatchObject({ code: 0, text: expect.stringContaining("taken  1  a") });
    expect((await adopt("--yes")).text).toContain("the database was taken over before");
    await rm(other, { recursive: true });
  });

  it("stops at a file that fails and says where", async () => {
    await writeFile(
      join(folder, "0002_broken.sql"),
      "create table items (id bigint primary key);\nselect nothing from nowhere;\n",
    );
    const { code, text } = await migrate("up");
    await rm(join(folder, "0002_broken.sql"));
    expect(code).toBe(1);
    expect(text).toContain("0002_broken.sql");
    expect(text).toContain("nowhere");
    expect((await migrate("status")).code).toBe(0);
  });

  it.each([
    [["sideways"], "want one of status, lint, up, down"],
    [["down"], "down needs --to"],
    [["up", "--to", "0001"], "--to goes with down, got it with up; up applies all that is pending"],
    [["up", "--history", "a.b.c"], "--history must be SCHEMA.TABLE"],
  ])("refuses %j", async (args, fault) => {
    const { code, text } = await migrate(...args);
    expect(code).toBe(2);
    expect(text).toContain(fault);
  });

  it("refuses a severity or rule that there is not, which would stop nothing", async () => {
    const { code, text } = await migrate("lint", "--fail-on", "error,drop-tabel");
    expect(code).toBe(2);
    expect(text).toMatch(
      /--fail-on must name some of error, warning, notice, .*drop-table.*got "drop-tabel"/,
    );
  });

  it.each([
    "SIGTERM",
    "SIGHUP",
  ] as const)("leaves no statement running when it is ended by %s", async (signal) => {
    const slow = await mkdtemp(join(tmpdir(), "migrate-slow-"));
    onTestFinished(() => rm(slow, { recursive: true }));
    await writeFile(join(slow, "0001_slow.sql"), "select pg_sleep(120);\n");
    const args = ["migrate", "up", "--dir", slow, "--history", `public.${signal.toLowerCase()}`];
    const { pid, ended } = startCommand(args, environment);
    const asked = `select pid from pg_stat_activity where datname = '${DATABASE}' and wait_event = 'PgSleep'`;
    const sleeping = () => onDatabase(asked);
    await vi.waitUntil(async () => (await sleeping()).length === 1, { timeout: 30_000, interval: 100 });
    process.kill(pid, signal);
    expect(await ended).toMatchObject({ code: 1, text: expect.stringContaining("canceling statement") });
    expect(await sleeping()).toEqual([]);
  });
});
