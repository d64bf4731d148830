// Histories as the other tools write them, on a real database, taken over without running anything.
import { describe, expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { adoptHistory, planAdoption, type Tool } from "../../../checks/migrations/adoption.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { readHistory } from "../../../checks/migrations/history.ts";
import { pendingOf } from "../../../checks/migrations/pending.ts";
import { newDatabase, query } from "../support/database.ts";
import { directoryOf } from "../support/migrations.ts";

const PLACE = { schema: "public", table: "greenlight_migrations" };
const ONE = "create table one (id int);\r\n-- ñ\n";
const FLYWAY =
  "create table flyway_schema_history (installed_rank int primary key, version text, description text, type text, script text, checksum int, success bool)";
const PRISMA =
  "create table _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text, rolled_back_at timestamptz, started_at timestamptz default clock_timestamp())";
// CRC-32 of the lines "create table one (id int);" and "-- ñ" without their ends, as a signed number.
const ONE_CRC = crcOf("create table one (id int);-- ñ");

function crcOf(text: string): number {
  let sum = -1;
  for (const byte of Buffer.from(text)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum;
}

const CASES: { tool: Tool; files: string[]; history: string; taken: string[]; pending: string[] }[] = [
  {
    tool: "flyway",
    files: ["V1__one.sql", "V2__two.sql", "V3__three.sql", "R__views.sql", "R__more.sql"],
    history: `${FLYWAY};
      insert into flyway_schema_history values (1, null, '<< schema >>', 'SCHEMA', '"public"', null, true),
        (2, '1', 'one', 'SQL', 'V1__one.sql', ${ONE_CRC}, true), (3, '2', 'two', 'SQL', 'V2__two.sql', ${ONE_CRC}, true),
        (4, null, 'views', 'SQL', 'R__views.sql', ${ONE_CRC}, true), (5, null, 'more', 'SQL', 'R__more.sql', 1, true)`,
    taken: ["1", "2", "R__views"],
    pending: ["V3__three.sql", "R__more.sql"],
  },
  {
    tool: "flyway",
    // Undone and run again, undone for good, gone for repair, and changed back to what it was before it was changed.
    files: ["V1__one.sql", "V2__two.sql", "R__views.sql"],
    history: `${FLYWAY};
      insert into flyway_schema_history values (1, '1', 'one', 'SQL', 'V1__one.sql', ${ONE_CRC}, true),
        (2, '1', 'one', 'UNDO_SQL', 'U1__one.sql', null, true), (3, '1', 'one', 'SQL', 'V1__one.sql', ${ONE_CRC}, true),
        (4, '2', 'two', 'SQL', 'V2__two.sql', ${ONE_CRC}, true), (5, '2', 'two', 'UNDO_SQL', 'U2__two.sql', null, true),
        (6, '3', 'gone', 'SQL', 'V3__gone.sql', 7, true), (7, '3', 'gone', 'DELETE', 'V3__gone.sql', 7, true),
        (8, null, 'views', 'SQL', 'R__views.sql', ${ONE_CRC}, true), (9, null, 'views', 'SQL', 'R__views.sql', 1, true)`,
    taken: ["1"],
    pending: ["V2__two.sql", "R__views.sql"],
  },
  {
    tool: "golang-migrate",
    files: ["1_one.up.sql", "2_two.up.sql", "3_three.up.sql"],
    history:
      "create table schema_migrations (version bigint primary key, dirty bool); insert into schema_migrations values (2, false)",
    taken: ["1", "2"],
    pending: ["3_three.up.sql"],
  },
  {
    tool: "dbmate",
    files: ["20240101000000_one.sql", "20240102000000_two.sql"],
    history:
      "create table schema_migrations (version varchar(255) primary key); insert into schema_migrations values ('20240101000000')",
    taken: ["20240101000000"],
    pending: ["20240102000000_two.sql"],
  },
  {
    tool: "goose",
    files: ["00001_one.sql", "00002_two.sql", "00003_three.sql"],
    history: `create table goose_db_version (id serial primary key, version_id bigint, is_applied bool, tstamp timestamp default now());
      insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true), (3, true), (3, false)`,
    taken: ["00001", "00002"],
    pending: ["00003_three.sql"],
  },
  {
    tool: "supabase",
    files: ["20240101000000_one.sql", "20240102000000_two.sql"],
    history: `create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
      insert into supabase_migrations.schema_migrations values ('20240101000000', '{}', 'one')`,
    taken: ["20240101000000"],
    pending: ["20240102000000_two.sql"],
  },
  {
    tool: "node-pg-migrate",
    files: ["1706693400000_one.sql", "1706693400001_two.sql"],
    history: `create table pgmigrations (id serial primary key, name text, run_on timestamp default now());
      insert into pgmigrations (name) values ('1706693400000_one')`,
    taken: ["1706693400000"],
    pending: ["1706693400001_two.sql"],
  },
];

const heads: { [tool: string]: string } = { dbmate: "-- migrate:up\n", goose: "-- +goose Up\n" };

async function taken(tool: Tool, files: string[], history: string) {
  const set = readMigrations(
    directoryOf(Object.fromEntries(files.map((file) => [file, `${heads[tool] ?? ""}${ONE}`]))),
    tool,
  );
  const url = await newDatabase();
  await query(url, history);
  const signal = new AbortController().signal;
  return withDatabase(url, { application: "adoption", signal }, async (client) => {
    const adoption = await planAdoption(client, set, tool);
    const write = () => adoptHistory(client, PLACE, adoption, { waitSeconds: 5, signal, log: () => {} });
    const pending = async () =>
      pendingOf(set, (await readHistory(client, PLACE)) ?? [], { outOfOrder: "refuse", gaps: "allow" });
    if (adoption.refusals.length === 0) await write();
    return { adoption, url, write: adoption.refusals.length === 0 ? undefined : write, ...(await pending()) };
  });
}

describe("a database of another tool", () => {
  it.each(CASES)("of $tool keeps its history and runs only what is pending", async (one) => {
    const result = await taken(one.tool, one.files, one.history);
    expect(result.refusals).toEqual([]);
    expect(result.migrations.map(({ path }) => path)).toEqual(one.pending);
    const rows = await query(result.url, "select version, release from greenlight_migrations order by 1");
    expect(rows).toEqual(one.taken.map((version) => [version, `adopted from ${one.tool}`]));
    expect(await query(result.url, "select to_regclass('one')")).toEqual([[null]]);
  });

  it.each<[Tool, string, string]>([
    [
      "flyway",
      `${FLYWAY}; insert into flyway_schema_history values (1, '1', 'one', 'SQL', 'V1__one.sql', ${ONE_CRC + 1}, true)`,
      "V1__one.sql: edited after flyway applied it",
    ],
    [
      "flyway",
      `${FLYWAY}; insert into flyway_schema_history values (1, '1', 'one', 'SQL', 'V1__one.sql', ${ONE_CRC}, false)`,
      "V1__one.sql: failed there",
    ],
    [
      "golang-migrate",
      "create table schema_migrations (version bigint, dirty bool); insert into schema_migrations values (1, true)",
      "version 1 is dirty",
    ],
    [
      "dbmate",
      "create table schema_migrations (version text); insert into schema_migrations values ('7')",
      "7: applied by dbmate and not in the folder",
    ],
  ])("of %s is not taken over where history and files disagree", async (tool, history, message) => {
    const names: { [tool: string]: string } = { flyway: "V1__one.sql", "golang-migrate": "1_one.up.sql" };
    const { adoption, write, url } = await taken(tool, [names[tool] ?? "1_one.sql"], history);
    expect(adoption.refusals.join("; ")).toContain(message);
    await expect(write?.()).rejects.toThrow("nothing was taken over");
    expect(await query(url, "select to_regclass('greenlight_migrations')")).toEqual([[null]]);
  });

  it("of prisma is taken over by the names of its folders and their checksums", async () => {
    const { mkdirSync, writeFileSync } = await import("node:fs");
    const { join } = await import("node:path");
    const { createHash } = await import("node:crypto");
    const folder = directoryOf({});
    for (const name of ["20240101_one", "20240101_two"]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "migration.sql"), ONE);
    }
    const sha256 = createHash("sha256").update(ONE).digest("hex");
    const url = await newDatabase();
    await query(
      url,
      `${PRISMA}; insert into _prisma_migrations (checksum, migration_name, finished_at, rolled_back_at)
       values ('${sha256}', '20240101_one', now(), null), ('x', '20240101_two', null, now())`,
    );
    const set = readMigrations(folder, "prisma");
    const plan = () =>
      withDatabase(url, { application: "adoption", signal: new AbortController().signal }, (client) =>
        planAdoption(client, set, "prisma"),
      );
    expect(await plan()).toMatchObject({
      refusals: [],
      rows: [{ version: "20240101_one", kind: "baseline" }],
    });
    await query(url, "update _prisma_migrations set checksum = 'other'");
    expect((await plan()).refusals.join("; ")).toContain(
      "20240101_one/migration.sql: edited after prisma applied it",
    );
  });

  it("is asked for its table where that is elsewhere", async () => {
    const set = readMigrations(directoryOf({ "1_one.up.sql": ONE }), "golang-migrate");
    const url = await newDatabase();
    await expect(
      withDatabase(url, { application: "adoption", signal: new AbortController().signal }, (client) =>
        planAdoption(client, set, "golang-migrate"),
      ),
    ).rejects.toThrow("there is no table public.schema_migrations; name it with --from-history SCHEMA.TABLE");
  });
});
