// Folders as other tools write them: names, both ways of a file, transactions; run on a real database with the same result.
import { describe, expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { migrateDown } from "../../../checks/migrations/down.ts";
import { NAMINGS, type Naming } from "../../../checks/migrations/styles.ts";
import { migrateUp } from "../../../checks/migrations/up.ts";
import { folderOf } from "../../support/folder.ts";
import { newDatabase, query } from "../support/database.ts";
import { upOptions } from "../support/migrations.ts";

const UP = "create table orders (id bigint primary key);";
const DOWN = "drop table orders;";
const INDEX = "create index concurrently orders_id on orders (id);";
const NOTHING = "drop index orders_id;";

type Files = { [path: string]: string };

/** The same two migrations in each style: a table, and an index that no transaction may build. */
const SAME: { [style in Naming]: Files } = {
  greenlight: {
    "0001_orders.sql": UP,
    "0001_orders.down.sql": DOWN,
    "0002_index.sql": `-- greenlight: no-transaction\n${INDEX}`,
    "0002_index.down.sql": NOTHING,
  },
  flyway: {
    "V1__orders.sql": UP,
    "U1__orders.sql": DOWN,
    "later/V1.1__index.sql": INDEX,
    "later/U1.1__index.sql": NOTHING,
    "notes.sql": "this is no SQL and no migration",
  },
  "golang-migrate": {
    "1_orders.up.sql": `begin;\n${UP}\ncommit;`,
    "1_drop_orders.down.sql": DOWN,
    "2_index.up.sql": INDEX,
    "2_index.down.sql": NOTHING,
  },
  dbmate: {
    "20240131093000_orders.sql": `-- migrate:up\n${UP}\n\n-- migrate:down\n${DOWN}\n`,
    "20240131093001_index.sql": `-- migrate:up transaction:false\n${INDEX}\n\n-- migrate:down\n${NOTHING}\n`,
  },
  goose: {
    "00001_orders.sql": `-- +goose Up\n-- +goose StatementBegin\n${UP}\n-- +goose StatementEnd\n\n-- +goose Down\n${DOWN}\n`,
    "00002_index.sql": `-- +goose NO TRANSACTION\n-- +goose Up\n${INDEX}\n\n-- +goose Down\n${NOTHING}\n`,
  },
  diesel: {
    "2024-01-31-093000_orders/up.sql": UP,
    "2024-01-31-093000_orders/down.sql": DOWN,
    "2024-01-31-093001_index/up.sql": INDEX,
    "2024-01-31-093001_index/down.sql": NOTHING,
    "2024-01-31-093001_index/metadata.toml": "run_in_transaction = false",
  },
  prisma: {
    "20240131093000_orders/migration.sql": UP,
    "20240131093000_orders/down.sql": DOWN,
    "20240131093000_orders_index/migration.sql": INDEX,
    "20240131093000_orders_index/down.sql": NOTHING,
    "migration_lock.toml": 'provider = "postgresql"',
  },
  supabase: { "20240131093000_orders.sql": UP, "20240131093001_index.sql": INDEX },
  "node-pg-migrate": {
    "1706693400000_orders.sql": `-- Up Migration\n${UP}\n\n-- Down Migration\n${DOWN}\n`,
    "1706693400001_index.up.sql": INDEX,
    "1706693400001_index.down.sql": NOTHING,
  },
};

describe.each(NAMINGS)("a folder of %s", (naming) => {
  it("goes up and down as its own tool would take it", async () => {
    const set = readMigrations(folderOf(SAME[naming]), naming);
    const url = await newDatabase();
    const rest = upOptions();
    const session = { application: "styles", signal: rest.signal };
    const indexes = () =>
      query(
        url,
        "select indexrelid::regclass::text from pg_index where indrelid = to_regclass('orders') order by 1",
      );
    await withDatabase(url, session, async (client) => {
      const { applied, failure } = await migrateUp(client, set, rest);
      expect(failure).toBeUndefined();
      expect(applied).toHaveLength(2);
      expect(await indexes()).toEqual([["orders_id"], ["orders_pkey"]]);
      if (naming === "supabase") return;
      const back = await migrateDown(client, set, { ...rest, to: "0" });
      expect(back.reverted).toHaveLength(2);
      expect(await indexes()).toEqual([]);
      expect((await migrateUp(client, set, rest)).applied).toHaveLength(2);
    });
  });
});

describe("a folder of another tool", () => {
  it.each<[Naming, Files, string]>([
    [
      "flyway",
      { "V1__a.sql": "select '${owner}'" },
      "${owner} is a placeholder of Flyway's; write its value",
    ],
    ["flyway", { "V1__a.sql": "", "beforeMigrate.sql": "" }, "beforeMigrate.sql: want V1__name.sql"],
    ["flyway", { "V1__a.sql": "", "V01_0__b.sql": "" }, "version 1 is also V01_0__b.sql"],
    ["golang-migrate", { "1_a.sql": "" }, "1_a.sql: want 1_name.up.sql or 1_name.down.sql"],
    ["goose", { "00001_a.SQL": "" }, "00001_a.SQL: want 00001_name.sql"],
    ["goose", { "00001_a.go": "package migrations" }, "00001_a.go: want 00001_name.sql"],
    ["goose", { "00001_a.sql": "select 1" }, "no line -- +goose Up"],
    ["goose", { "00001_a.sql": "-- +goose ENVSUB ON\n-- +goose Up\nselect 1" }, "ENVSUB"],
    ["dbmate", { "1_a.sql": "select 1" }, "no line -- migrate:up"],
    [
      "node-pg-migrate",
      { "1706693400000_a.js": "exports.up = () => {}" },
      "1706693400000_a.js: want 1706693400000_name.sql",
    ],
    ["diesel", { "orders/up.sql": "" }, "orders/up.sql: want 2024-01-31-093000_name/up.sql"],
  ])("of %s is refused where it holds what only its tool can do: %j", (naming, files, message) => {
    expect(() => readMigrations(folderOf(files), naming)).toThrow(message);
  });

  it("keeps the lines of a way down that stands behind the way up", async () => {
    const files = { "1_a.sql": "-- migrate:up\nselect 1;\n\n-- migrate:down\nselect nothing;\n" };
    const url = await newDatabase();
    const set = readMigrations(folderOf(files), "dbmate");
    const options = upOptions();
    const result = await withDatabase(
      url,
      { application: "styles", signal: options.signal },
      async (client) => {
        await migrateUp(client, set, options);
        return migrateDown(client, set, { ...options, to: "0" });
      },
    );
    expect(result.failure?.message).toMatch(/^1_a\.sql:5:8: column "nothing" does not exist/);
  });

  it("is all or nothing where its own COMMIT stands in the middle", async () => {
    const files = { "1_a.up.sql": "begin;\ncreate table one (id int);\ncommit;\nselect 1 / 0;\n" };
    const url = await newDatabase();
    const set = readMigrations(folderOf(files), "golang-migrate");
    const options = upOptions();
    const { failure } = await withDatabase(url, { application: "styles", signal: options.signal }, (client) =>
      migrateUp(client, set, options),
    );
    expect(failure?.message).toMatch(/^1_a\.up\.sql:4:1: division by zero/);
    expect(await query(url, "select to_regclass('one')")).toEqual([[null]]);
  });
});
