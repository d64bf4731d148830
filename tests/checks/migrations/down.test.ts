import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { type DownResult, migrateDown } from "../../../checks/migrations/down.ts";
import { evidenceOf } from "../../../checks/migrations/evidence.ts";
import { catalogText } from "../support/catalog.ts";
import { newDatabase, query } from "../support/database.ts";
import { directoryOf, up, upOptions } from "../support/migrations.ts";

const down = (url: string, directory: string, to: string): Promise<DownResult> => {
  const options = upOptions();
  return withDatabase(url, { application: "migration", signal: options.signal }, (client) =>
    migrateDown(client, readMigrations(directory), { ...options, to }),
  );
};
const files = {
  "1_a.sql": "create table a (id int primary key)",
  "1_a.down.sql": "drop table a",
  "2_b.sql": "alter table a add column name text not null default 'x'; create index a_name on a (name)",
  "2_b.down.sql":
    "alter table a drop column name\n-- verify\n; select count(*) = 1 from pg_attribute where attrelid = 'a'::regclass and attnum > 0 and not attisdropped",
  "3_c.sql": "-- greenlight: no-transaction\ncreate index concurrently c on a (id)",
  "3_c.down.sql": "-- greenlight: no-transaction\ndrop index concurrently c",
};

describe("migrateDown", () => {
  it("takes files back newest first, and up, down, up gives the same schema", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    const empty = await catalogText(url);
    await up(url, directory);
    const full = await catalogText(url);
    const result = await down(url, directory, "1");
    expect(result.failure).toBeUndefined();
    expect(result).toMatchObject({ before: "3", after: "1" });
    expect(result.reverted.map(({ path }) => path)).toEqual(["3_c.down.sql", "2_b.down.sql"]);
    expect(await query(url, "select version from greenlight_migrations")).toEqual([["1"]]);
    await up(url, directory);
    expect(await catalogText(url)).toBe(full);
    expect((await down(url, directory, "0")).after).toBeUndefined();
    expect(await catalogText(url)).toBe(empty);
  });

  it("takes back the example system's migrations and brings them again", async () => {
    const url = await newDatabase();
    const directory = "examples/hv-consultores/migrations";
    await up(url, directory);
    const full = await catalogText(url);
    const result = await down(url, directory, "0001");
    expect(result.failure?.message).toBeUndefined();
    expect(result.after).toBe("0001");
    expect((await up(url, directory)).failure?.message).toBeUndefined();
    expect(await catalogText(url)).toBe(full);
  });

  it("stops at a failing file, which stays applied", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      ...files,
      "2_b.down.sql": "alter table a drop column name;\nselect 1 / 0",
    });
    await up(url, directory);
    const result = await down(url, directory, "0");
    expect(result.failure?.message).toContain("2_b.down.sql:2:1: division by zero");
    expect(result).toMatchObject({ before: "3", after: "2" });
    expect(await query(url, "select count(name)::int from a")).toEqual([[0]]);
    writeFileSync(join(directory, "2_b.down.sql"), "alter table a drop column name");
    expect((await down(url, directory, "0")).reverted.map(({ version }) => version)).toEqual(["2", "1"]);
  });

  it("takes back a file that was renumbered from 001 to 0001, and brings it again", async () => {
    const url = await newDatabase();
    const sql = { up: "create table a (id int)", down: "drop table a" };
    await up(url, directoryOf({ "001_x.sql": sql.up, "001_x.down.sql": sql.down }));
    const directory = directoryOf({ "0001_x.sql": sql.up, "0001_x.down.sql": sql.down });
    const nothing = await up(url, directory);
    expect(nothing.applied).toEqual([]);
    const { observations } = evidenceOf(readMigrations(directory), nothing, { database: "d", seconds: 0 });
    expect(observations.map(({ id, result }) => [id, result])).toEqual([
      ["files", "passed"],
      ["history", "passed"],
      ["file-0001-x", "passed"],
    ]);
    expect(await down(url, directory, "0")).toMatchObject({ before: "001", after: undefined });
    expect(await query(url, "select version from greenlight_migrations")).toEqual([]);
    expect((await up(url, directory)).applied).toHaveLength(1);
    expect(await query(url, "select version from greenlight_migrations")).toEqual([["0001"]]);
  });

  it("does nothing when the database is at the version already", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await up(url, directory);
    expect((await down(url, directory, "3")).reverted).toEqual([]);
  });

  it.each([
    [
      "has no down file",
      "2_b.down.sql",
      "1",
      "nothing was run: 2_b.sql: has no down file; add 2_b.down.sql, or restore the backup",
    ],
    [
      "is at an unknown version",
      undefined,
      "7",
      "nothing was run: version 7 is not applied, want one of 1, 2, 3 or 0",
    ],
  ])("refuses before anything is touched when a file %s", async (_what, removed, to, message) => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await up(url, directory);
    if (removed) rmSync(join(directory, removed));
    await expect(down(url, directory, to)).rejects.toThrow(message);
    expect(await query(url, "select count(*)::int from greenlight_migrations")).toEqual([[3]]);
  });

  it("refuses to go back over an edited, a missing or an adopted file", async () => {
    const url = await newDatabase();
    await query(url, "create table a (id int)");
    const directory = directoryOf(files);
    await up(url, directory, { baseline: "2" });
    writeFileSync(
      join(directory, "3_c.sql"),
      "-- greenlight: no-transaction\ncreate index concurrently d on a (id)",
    );
    await expect(down(url, directory, "1")).rejects.toThrow(
      /^nothing was run: 3_c\.sql: .*; 2_b\.sql: was adopted, not run; there is no way back over it but the backup$/,
    );
    rmSync(join(directory, "3_c.sql"));
    rmSync(join(directory, "3_c.down.sql"));
    await expect(down(url, directory, "2")).rejects.toThrow(
      "3_c.sql: not in the directory; restore the file from version control",
    );
  });
});
