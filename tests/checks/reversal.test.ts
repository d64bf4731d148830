// The way back of a database on a real PostgreSQL: by down files and by a restored backup.
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readContent } from "../../checks/backup/content.ts";
import { step as backup } from "../../checks/backup.ts";
import { withDatabase } from "../../checks/database.ts";
import { step as migration } from "../../checks/migration.ts";
import { readMigrations } from "../../checks/migrations/directory.ts";
import { migrateDown } from "../../checks/migrations/down.ts";
import { loadGrammar } from "../../checks/migrations/grammar.ts";
import { readScript } from "../../checks/migrations/script.ts";
import { type DatabaseState, readDatabaseState } from "../../checks/record/database.ts";
import { droppedTables, lostSince } from "../../checks/reversal/plan.ts";
import { isRestored } from "../../checks/reversal/restore.ts";
import { step } from "../../checks/reversal.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { adminUrl, newDatabase, query, session } from "./support/database.ts";
import { directoryOf, up, upOptions } from "./support/migrations.ts";
import { runStep } from "./support/run-step.ts";

const BUCKET = "reversal-test";
const signal = AbortSignal.timeout(600_000);

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  const s3 = new S3Client({});
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: "Enabled" } }),
  );
  s3.destroy();
});

const files = {
  "1_orders.sql":
    "create table orders (id int primary key, total numeric not null); insert into orders values (1, 10), (2, 20)",
  "1_orders.down.sql": "drop table orders",
  "2_notes.sql": "create table notes (id int primary key); insert into notes values (1), (2), (3)",
  "2_notes.down.sql": "drop table notes",
  "3_currency.sql":
    "alter table orders add column currency text not null default 'EUR'; create index on orders (currency)",
  "3_currency.down.sql": "alter table orders drop column currency",
};
const place = { schema: "public", table: "greenlight_migrations" };
const stateOf = (url: string): Promise<DatabaseState> =>
  withDatabase(url, { application: "test", signal }, (client) => readDatabaseState(client, place));
const contentOf = (url: string) => withDatabase(url, { application: "test", signal }, readContent);
const inputs = async (databaseUrl: string, directory: string, to: string) => ({
  databaseUrl,
  adminUrl: await adminUrl(),
  directory,
  to,
});
const context = { name: "reversal", log: () => {}, signal, previous: undefined };

describe("the way back by down files", () => {
  it("ends at the recorded version with the recorded schema, and says before which rows are lost", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await up(url, directoryOf({ "1_orders.sql": files["1_orders.sql"] }));
    const before = await stateOf(url);
    await up(url, directory);
    const plan = await step.plan?.(await inputs(url, directory, "1"), context);
    expect(plan).toEqual(["runs 3_currency.down.sql", "runs 2_notes.down.sql", "loses 3 rows of notes"]);
    const { seen, facts } = await runStep(step, await inputs(url, directory, "1"));
    expect(seen("at-version").result).toBe("passed");
    expect(facts.lost).toEqual(["loses 3 rows of notes"]);
    expect(await stateOf(url)).toEqual(before);
    expect(await query(url, "select sum(total)::int from orders")).toEqual([[30]]);
  });

  it("ends at versions as other tools have them, with dots and names", async () => {
    const releases = {
      flyway: ["V1.0__orders.sql", "V1.1__notes.sql", "U1.1__notes.sql", "1.0"],
      prisma: ["20240101_orders/migration.sql", "20240201_notes/migration.sql", "20240201_notes/down.sql"],
    } as const;
    for (const [naming, [first, second, back, to = "20240101_orders"]] of Object.entries(releases)) {
      const url = await newDatabase();
      const directory = directoryOf({
        [first]: files["1_orders.sql"],
        [second]: files["2_notes.sql"],
        [back]: files["2_notes.down.sql"],
      });
      await runStep(migration, { databaseUrl: url, directory, naming: naming as "flyway" });
      const given = { ...(await inputs(url, directory, to)), naming: naming as "flyway" };
      const { seen, facts } = await runStep(step, given);
      expect(facts.reverted).toMatchObject([{ path: back }]);
      expect(seen("at-version")).toMatchObject({ result: "passed", observed: `at ${to}` });
    }
  });

  it("does not count as none the rows that a policy hides from who counts", async () => {
    const url = await newDatabase();
    const owner = `hidden_${process.pid}`;
    await query(url, `create role ${owner} login password 'a-password-of-tests'`);
    onTestFinished(async () => {
      await query(url, `drop owned by ${owner} cascade`);
      await query(url, `drop role ${owner}`);
    });
    await query(url, `grant create, usage on schema public to ${owner}`);
    const address = url.replace(/\/\/[^@]*@/, `//${owner}:a-password-of-tests@`);
    const directory = directoryOf({
      "1_notes.sql": `create table notes (id int); insert into notes values (1), (2);
        alter table notes enable row level security; alter table notes force row level security`,
      "1_notes.down.sql": "drop table notes",
    });
    await up(address, directory);
    expect(await step.plan?.(await inputs(address, directory, "0"), context)).toEqual([
      "runs 1_notes.down.sql",
      'what is lost could not be counted: query would be affected by row-level security policy for table "notes"',
    ]);
    const { seen } = await runStep(step, await inputs(address, directory, "0"));
    expect(seen("at-version").result).toBe("passed");
  });

  it("is shown also where the rows that it loses cannot be counted", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_orders.sql": files["1_orders.sql"],
      "2_ledger.sql": "create table ledger (id int)",
      "2_ledger.down.sql": "drop table ledger",
    });
    await up(url, directory);
    // As one that is damaged, or larger than can be counted in a preview.
    const other = await session(url);
    await other.query("begin; lock table ledger in access exclusive mode");
    const given = await inputs(url, directory, "1");
    expect(await step.plan?.(given, context)).toEqual([
      "runs 2_ledger.down.sql",
      "what is lost could not be counted: canceling statement due to statement timeout",
    ]);
    await other.query("rollback");
  });

  it("goes on where a killed run stopped, and does nothing when it is done", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await up(url, directory);
    // What a run leaves that is killed after its first file.
    await withDatabase(url, { application: "migration", signal }, (client) =>
      migrateDown(client, readMigrations(directory), { ...upOptions(), to: "2" }),
    );
    const { facts } = await runStep(step, await inputs(url, directory, "1"));
    expect(facts.reverted).toMatchObject([{ path: "2_notes.down.sql" }]);
    const again = await runStep(step, await inputs(url, directory, "1"));
    expect(again.facts.reverted).toEqual([]);
    expect(again.seen("at-version").result).toBe("passed");
  });

  it("is refused before anything is touched when a down file is missing, with the two ways out", async () => {
    const url = await newDatabase();
    const directory = directoryOf(files);
    await up(url, directory);
    rmSync(join(directory, "2_notes.down.sql"));
    const state = await stateOf(url);
    const given = await inputs(url, directory, "1");
    await expect(step.plan?.(given, context)).rejects.toThrow(
      /2_notes.sql: has no down file; .*nothing was touched: add the down files, or run .* --restore-database/,
    );
    await expect(runStep(step, given)).rejects.toThrow("2_notes.sql: has no down file");
    expect(await stateOf(url)).toEqual(state);
  });

  it("brings back schema and surviving rows for any sequence of releases and any earlier one", async () => {
    const change = fc.record({ kind: fc.constantFrom("table", "column", "index", "rows"), n: fc.nat(3) });
    const releases = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(releases, fc.nat(2), async (made, back) => {
        const url = await newDatabase();
        const all: { [name: string]: string } = {
          "01_base.sql":
            "create table base (id int primary key); insert into base select generate_series(1, 5)",
          "01_base.down.sql": "drop table base",
        };
        const states: { at: string; state: DatabaseState; base: unknown }[] = [];
        let number = 1;
        const release = async () => {
          await up(url, directoryOf(all));
          const at = String(number).padStart(2, "0");
          states.push({ at, state: await stateOf(url), base: (await contentOf(url))["public.base"]?.rows });
        };
        await release();
        for (const changes of made) {
          for (const { kind, n } of changes) {
            number++;
            const file = `${String(number).padStart(2, "0")}_${kind}`;
            const [there, away] = wayOf(kind, number, n);
            all[`${file}.sql`] = there;
            all[`${file}.down.sql`] = away;
          }
          await release();
        }
        const target = states[Math.min(back, states.length - 2)];
        const { seen } = await runStep(step, await inputs(url, directoryOf(all), target?.at ?? ""));
        expect(seen("at-version").result).toBe("passed");
        expect(await stateOf(url)).toEqual(target?.state);
        expect((await contentOf(url))["public.base"]?.rows).toBe(target?.base);
      }),
      { numRuns: 6 },
    );
  });
});

/** One change and its inverse, unique by number. */
function wayOf(kind: string, number: number, n: number): [string, string] {
  switch (kind) {
    case "table":
      return [
        `create table t${number} (id int); insert into t${number} select generate_series(0, ${n})`,
        `drop table t${number}`,
      ];
    case "column":
      return [
        `alter table base add column c${number} text default '${n}'`,
        `alter table base drop column c${number}`,
      ];
    case "index":
      return [`create index i${number} on base (id)`, `drop index i${number}`];
    default:
      return [`insert into base values (${number * 100})`, `delete from base where id = ${number * 100}`];
  }
}

/** A backup of now, as a rollback names it. */
async function backedUp(url: string, release: string) {
  const { facts } = await runStep(backup, {
    databaseUrl: url,
    bucket: BUCKET,
    release,
    retentionDays: 30,
    rtoSeconds: 600,
  });
  return {
    bucket: BUCKET,
    key: String(facts.key),
    versionId: String(facts.versionId),
    archiveBytes: Number(facts.archiveBytes),
    takenAt: String(facts.takenAt),
    begunAt: "2026-05-04T09:00:00.000Z",
    tables: facts.tables as { [table: string]: { rows: number; digest: string } },
  };
}

/** An administrator as RDS has them, and a live database that is theirs; both gone with the test. */
async function withoutSuperuser(options = ""): Promise<{ admin: string; url: string; dropped: string[] }> {
  const superuser = await adminUrl();
  const role = `reversal_${randomBytes(4).toString("hex")}`;
  const live = `${role}_live`;
  await query(
    superuser,
    `create role ${role} login createdb password 'no-superuser' in role pg_signal_backend`,
  );
  await query(superuser, `create database ${live} owner ${role} ${options}`);
  const dropped = [live];
  onTestFinished(async () => {
    for (const name of dropped) await query(superuser, `drop database if exists ${name} with (force)`);
    await query(superuser, `drop role ${role}`);
  });
  const admin = superuser.replace(/\/\/[^@]*@/, `//${role}:no-superuser@`);
  return { admin, url: admin.replace(/\/[^/?]*(\?|$)/, `/${live}$1`), dropped };
}

describe("the way back by the backup", () => {
  it("restores beside the live database, switches by name, keeps the old one, and is done when run again", async () => {
    const url = await newDatabase();
    const live = new URL(url).pathname.slice(1);
    await up(url, directoryOf({ "1_orders.sql": files["1_orders.sql"] }));
    const before = { state: await stateOf(url), content: await contentOf(url) };
    const restore = await backedUp(url, "1.0.0");
    const directory = directoryOf({
      "1_orders.sql": files["1_orders.sql"],
      "2_loss.sql": "delete from orders where id = 1; create table later (id int)",
    });
    await up(url, directory);
    await query(url, "insert into orders values (7, 70), (8, 80), (9, 90)");
    const admin = await adminUrl();
    const given = { ...(await inputs(url, directory, "1")), restore };
    const plan = await step.plan?.(given, context);
    expect(plan).toContain("public.orders: 4 rows now, 2 in the backup");
    const { facts: done, seen } = await runStep(step, given);
    onTestFinished(async () => {
      await query(admin, `drop database if exists ${String(done.kept)} with (force)`);
    });
    expect(seen("restored-equal").result).toBe("passed");
    expect(seen("kept").result).toBe("passed");
    expect(await contentOf(url)).toEqual(before.content);
    expect(await stateOf(url)).toEqual(before.state);
    const kept = admin.replace(/\/[^/?]*(\?|$)/, `/${String(done.kept)}$1`);
    expect(await query(kept, "select count(*)::int from orders")).toEqual([[4]]);
    const restoredBy = (one: typeof restore) =>
      withDatabase(url, { application: "test", signal }, (client) => isRestored(client, one));
    expect(await restoredBy(restore)).toBe(true);

    // As a run that was killed behind the switch goes on.
    const resumed = await runStep(step, given);
    expect(resumed.seen("restored-equal").result).toBe("passed");
    expect(resumed.seen("kept").observed).toBe(`${live} is the restored one`);
    expect(await step.plan?.(given, context)).toEqual([
      `the database is the one that this rollback restored from ${restore.key} already`,
    ]);

    // What the application writes behind the switch is kept by the same rollback when it goes on.
    await query(url, "insert into orders values (5, 50)");
    const goesOn = await runStep(step, given);
    expect(goesOn.seen("restored-equal")).toMatchObject({
      result: "passed",
      observed: "equal when this rollback switched to it; written since: public.orders: 3 rows, want 2",
    });
    expect(await query(url, "select count(*)::int from orders")).toEqual([[3]]);

    // Another one to the same backup restores it again.
    const later = { ...given, restore: { ...restore, begunAt: "2026-05-06T09:00:00.000Z" } };
    expect(await restoredBy(later.restore)).toBe(false);
    expect(await step.plan?.(later, context)).toContain("public.orders: 3 rows now, 2 in the backup");
    const again = await runStep(step, later);
    onTestFinished(async () => {
      await query(admin, `drop database if exists ${String(again.facts.kept)} with (force)`);
    });
    expect(again.seen("restored-equal").result).toBe("passed");
    expect(again.facts.kept).toBe(`${String(done.kept)}_2`);
    expect(await contentOf(url)).toEqual(before.content);
  });

  it("keeps the settings of the database and of a role in it, lists as lists", async () => {
    const url = await newDatabase();
    const live = new URL(url).pathname.slice(1);
    const admin = await adminUrl();
    await up(url, directoryOf({ "1_orders.sql": files["1_orders.sql"] }));
    await query(url, "create schema app");
    for (const setting of [
      `database ${live} set search_path to app, public`,
      `database ${live} set DateStyle to 'ISO, DMY'`,
      `role current_user in database ${live} set search_path to public, app`,
      `role current_user in database ${live} set statement_timeout to '77s'`,
    ])
      await query(admin, `alter ${setting}`);
    const settings = `select setrole, setconfig from pg_db_role_setting
      where setdatabase = (select oid from pg_database where datname = '${live}') order by 1`;
    const before = await query(admin, settings);
    const restore = await backedUp(url, "3.0.0");
    const { facts: done } = await runStep(step, {
      ...(await inputs(url, directoryOf(files), "1")),
      restore,
    });
    onTestFinished(async () => {
      await query(admin, `drop database if exists ${String(done.kept)} with (force)`);
    });
    expect(await query(admin, settings)).toEqual(before);
    await query(admin, `alter role current_user in database ${live} reset search_path`);
    expect(await query(url, "show search_path")).toEqual([["app, public"]]);
  });

  it("switches for an administrator who is no superuser also while autovacuum is at work there", async () => {
    const { admin, url, dropped } = await withoutSuperuser();
    // A row a tenth of a second: for minutes.
    const slowly = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1";
    await up(
      url,
      directoryOf({
        "1_orders.sql": `create table orders (id int) with (${slowly}, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1);
          insert into orders select generate_series(1, 200000); delete from orders where id % 2 = 0`,
      }),
    );
    const restore = await backedUp(url, "4.0.0");
    const workers = `select count(*)::int from pg_stat_activity where datname = '${dropped[0]}' and backend_type = 'autovacuum worker'`;
    // It looks at each database once a minute.
    const superuser = await adminUrl();
    await expect.poll(() => query(superuser, workers), { timeout: 150_000, interval: 500 }).toEqual([[1]]);
    const { seen, facts } = await runStep(step, {
      ...(await inputs(url, directoryOf(files), "1")),
      adminUrl: admin,
      restore,
    });
    dropped.push(String(facts.kept));
    expect(seen("restored-equal").result).toBe("passed");
  });

  it("keeps the order of texts and the limit of sessions, and names the settings that only a superuser may make", async () => {
    const icu = "template template0 locale_provider icu icu_locale 'sv' connection limit 7";
    const { admin, url, dropped } = await withoutSuperuser(icu);
    const [live] = dropped;
    await query(await adminUrl(), `alter database ${live} set log_min_duration_statement = 250`);
    await query(await adminUrl(), `alter database ${live} set statement_timeout = '77s'`);
    await up(url, directoryOf({ "1_orders.sql": files["1_orders.sql"] }));
    const sorted = "select array_agg(w order by w) from (values ('z'), ('ö'), ('a')) v (w)";
    const before = await query(url, sorted);
    const { facts, lines, seen } = await runStep(step, {
      ...(await inputs(url, directoryOf(files), "1")),
      adminUrl: admin,
      restore: await backedUp(url, "5.0.0"),
    });
    dropped.push(String(facts.kept));
    expect(seen("restored-equal").result).toBe("passed");
    expect(before).toEqual([[["a", "z", "ö"]]]);
    expect(await query(url, sorted)).toEqual(before);
    expect(await query(url, "show statement_timeout")).toEqual([["77s"]]);
    expect(await query(url, `select datconnlimit from pg_database where datname = '${live}'`)).toEqual([[7]]);
    const told = expect.stringContaining(`not taken over from ${live}: log_min_duration_statement = 250 (`);
    expect(facts.leftOut).toEqual([told]);
    expect(lines).toContainEqual(told);
  });

  it("leaves the live database alone when the restored one holds other rows than the backup's figures", async () => {
    const url = await newDatabase();
    await up(url, directoryOf({ "1_orders.sql": files["1_orders.sql"] }));
    const restore = await backedUp(url, "2.0.0");
    const { seen } = await runStep(step, {
      ...(await inputs(url, directoryOf(files), "1")),
      restore: { ...restore, tables: { "public.orders": { rows: 3, digest: "0" } } },
    });
    expect(seen("restored-equal").result).toBe("failed");
    expect(seen("kept").result).toBe("failed");
    const [[comment] = []] = await query(
      url,
      "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()",
    );
    expect(comment).toBeNull();
    const beside = await query(
      await adminUrl(),
      `select datname from pg_database where datname like '${new URL(url).pathname.slice(1)}\\_restored%'`,
    );
    await query(await adminUrl(), `drop database ${String(beside[0]?.[0])}`);
  });
});

describe("what was written since the backup", () => {
  it("is told of the tables that a backup holds: views with rows of their own too, tables of extensions not", async () => {
    const url = await newDatabase();
    await query(
      url,
      "create table orders as select 1 as id; create materialized view totals as table orders",
    );
    await query(
      url,
      "create extension pg_trgm; create table words as select 1 as id; alter extension pg_trgm add table words",
    );
    const tables = await contentOf(url);
    const restore = { bucket: "", key: "", versionId: "", archiveBytes: 1, takenAt: "", begunAt: "", tables };
    const lost = () =>
      withDatabase(url, { application: "test", signal }, (client) => lostSince(client, restore));
    expect(await lost()).toEqual(["no table has other rows than the backup"]);
    await query(url, "insert into orders values (2)");
    expect(await lost()).toEqual(["public.orders: 2 rows now, 1 in the backup"]);
  });
});

describe("the tables that a down file drops", () => {
  it("are found with their schema, in lists, and not in comments", async () => {
    const sql = '-- drop table a;\nDROP TABLE IF EXISTS public.b, "C" CASCADE;\nalter table d drop column e;';
    const { statements } = readScript({ path: "1_x.down.sql", sql, sha256: "" }, await loadGrammar());
    expect(droppedTables(statements)).toEqual(['"public"."b"', '"C"']);
  });

  it("are told with their rows whatever else stands in the file", async () => {
    const url = await newDatabase();
    const directory = directoryOf({
      "1_base.sql": "create table base (id int)",
      "2_only.sql": "create table only_old (id int); insert into only_old values (1), (2)",
      "2_only.down.sql": `drop table only_old /* all of it */;
        /* drop table base, which stays */
        do $$ begin execute format('drop table if exists %I cascade', 'part'); end $$;`,
    });
    await up(url, directory);
    const given = await inputs(url, directory, "1");
    expect(await step.plan?.(given, context)).toEqual(["runs 2_only.down.sql", "loses 2 rows of only_old"]);
    expect((await runStep(step, given)).facts.lost).toEqual(["loses 2 rows of only_old"]);
  });
});
