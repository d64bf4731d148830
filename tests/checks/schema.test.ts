import { beforeAll, describe, expect, it } from "vitest";
import { withDatabase } from "../../checks/database.ts";
import { invalidIndexes } from "../../checks/migrations/index-repair.ts";
import { step } from "../../checks/schema.ts";
import { waitUntil } from "../../checks/wait.ts";
import { adminUrl, newDatabase, query, session } from "./support/database.ts";
import { observedOf, resultsOf, runStep } from "./support/step.ts";

let databaseUrl: string;
const { signal } = new AbortController();
const role = `checks_reader_${process.pid}`;

beforeAll(async () => {
  databaseUrl = await newDatabase();
  await query(await adminUrl(), `create role ${role}`);
  for (const sql of [
    `create table queue_jobs (id bigint generated always as identity primary key, estado text not null default 'pending',
       usuario text, creado_en timestamptz default now(), importe numeric(10,2)) with (autovacuum_vacuum_scale_factor = 0.05)`,
    "create index idx_queue_jobs_estado on queue_jobs (estado, creado_en desc)",
    "create table open_door (id int)",
    "alter table queue_jobs enable row level security",
    "create policy propios on queue_jobs using (usuario = current_setting('app.user', true))",
    `grant select, insert, delete on queue_jobs to ${role}`,
    "create function contar() returns bigint language sql stable as 'select count(*) from queue_jobs'",
    "create function definer_bad() returns int language sql security definer as 'select 1'",
    "create function definer_good(int, text) returns int language sql security definer set search_path = pg_catalog, public as 'select 1'",
    "create function many(int) returns int language sql as 'select 1'",
    "create function many(text) returns int language sql security definer as 'select 1'",
    "create table quiet (id int) with (autovacuum_enabled = off)",
    "create function touch() returns trigger language plpgsql as 'begin return new; end'",
    "create trigger touched before update on queue_jobs for each row execute function touch()",
    "create view v as select 1 as one",
    "create materialized view full_view as select 1 as one",
    "create materialized view empty_view as select 1 as one with no data",
    "alter table queue_jobs add constraint positive check (importe > 0) not valid",
    "alter table queue_jobs add constraint short check (length(estado) < 20)",
    "create extension pgcrypto",
    'create table visits ("userId" int, at timestamp(3), seen timestamptz(3)[], price numeric(10,2), until time(0))',
    'create index visits_by_user on visits ("userId", at)',
    "create trigger on_replicas before insert on visits for each row execute function touch()",
    "alter table visits enable replica trigger on_replicas",
    'create table "заказы" (id int)',
  ])
    await query(databaseUrl, sql);
  return async () => {
    await query(await adminUrl(), `drop role ${role}`);
  };
});

/** An index that waits for a writer, while `use` runs. */
async function whileBuilding(use: () => Promise<void>): Promise<void> {
  const [writer, builder] = [await session(databaseUrl), await session(databaseUrl)];
  await writer.query("begin; insert into open_door values (1)");
  const built = builder.query("create index concurrently open_door_id on open_door (id)");
  const there = () => query(databaseUrl, "select from pg_class where relname = 'open_door_id'");
  await waitUntil(there, (rows) => rows.length > 0, {
    withinSeconds: 20,
    everySeconds: 0.05,
    signal: AbortSignal.timeout(30_000),
  });
  try {
    await use();
  } finally {
    await writer.query("rollback");
    await built;
    await query(databaseUrl, "drop index open_door_id");
  }
}

const look = (wanted: object) => runStep(step, { databaseUrl, ...wanted });

describe("schema", () => {
  it("tells an index that somebody builds from one that a killed build left, whoever looks", async () => {
    await query(await adminUrl(), `alter role ${role} login password 'a-password-of-tests'`);
    const asReader = databaseUrl.replace(/\/\/[^@]*@/, `//${role}:a-password-of-tests@`);
    await whileBuilding(async () => {
      const ran = await runStep(step, { databaseUrl: asReader, indexes: ["open_door_id"] });
      expect(resultsOf(ran)).toMatchObject({ "indexes-valid": "passed", "index-open-door-id": "failed" });
      expect(observedOf(ran, "indexes-valid")).toMatch(/^\d+ indexes, being built right now: open_door_id$/);
      expect(observedOf(ran, "index-open-door-id")).toBe(
        "not valid yet: somebody builds it right now; look again when that is done",
      );
      const invalid = await withDatabase(asReader, { application: "test", signal }, invalidIndexes);
      expect(invalid).toEqual([]);
    });
  });

  it("finds the function of a trigger in the schema where it is", async () => {
    await query(
      databaseUrl,
      `create schema app; create function app.mark() returns trigger language plpgsql as 'begin return new; end';
       create trigger marked before insert on open_door for each row execute function app.mark()`,
    );
    const seen = async (name: string) =>
      resultsOf(await look({ triggers: [{ name: "marked", table: "open_door", function: name }] }));
    for (const name of ["app.mark", "mark"])
      expect(await seen(name)).toMatchObject({ "trigger-open-door-marked": "passed" });
    expect(await seen("other.mark")).toMatchObject({ "trigger-open-door-marked": "failed" });
  });

  it.each([
    [{ tables: ["queue_jobs"] }, "table-queue-jobs"],
    [
      {
        tables: [
          {
            name: "queue_jobs",
            columns: [{ name: "estado", type: "text", nullable: false, default: "'pending'::text" }],
          },
        ],
      },
      "table-queue-jobs",
    ],
    [
      {
        tables: [
          {
            name: "queue_jobs",
            columns: [
              { name: "creado_en", type: "timestamptz", default: "now()" },
              { name: "importe", type: "decimal(10,2)" },
            ],
          },
        ],
      },
      "table-queue-jobs",
    ],
    [
      { tables: [{ name: "queue_jobs", options: { autovacuum_vacuum_scale_factor: 0.05 } }] },
      "table-queue-jobs",
    ],
    [{ tables: [{ name: "quiet", options: { autovacuum_enabled: false } }] }, "table-quiet"],
    [{ tables: [{ name: "quiet", options: { autovacuum_enabled: "off" } }] }, "table-quiet"],
    [{ functions: [{ name: "many", arguments: "integer" }] }, "function-many"],
    [
      { tables: [{ name: "open_door", exactColumns: true, columns: [{ name: "id", type: "int" }] }] },
      "table-open-door",
    ],
    [{ tables: [{ name: "queue_jobs", rowSecurity: "enabled" }] }, "rls-queue-jobs"],
    [{ tables: [{ name: "open_door", rowSecurity: "disabled" }] }, "rls-open-door"],
    [{ indexes: ["idx_queue_jobs_estado"] }, "index-idx-queue-jobs-estado"],
    [
      {
        indexes: [{ name: "idx_queue_jobs_estado", table: "queue_jobs", columns: ["estado"], unique: false }],
      },
      "index-idx-queue-jobs-estado",
    ],
    [{ functions: ["contar"] }, "function-contar"],
    [{ functions: [{ name: "contar", arguments: "", security: "invoker" }] }, "function-contar"],
    [
      {
        functions: [
          {
            name: "definer_good",
            arguments: "integer, text",
            security: "definer",
            searchPath: "pg_catalog, public",
          },
        ],
      },
      "function-definer-good",
    ],
    [
      { triggers: [{ name: "touched", table: "queue_jobs", function: "touch" }] },
      "trigger-queue-jobs-touched",
    ],
    [{ constraints: [{ name: "short", table: "queue_jobs" }] }, "constraint-queue-jobs-short"],
    [
      { policies: [{ name: "propios", table: "queue_jobs", command: "all", roles: ["public"] }] },
      "policy-queue-jobs-propios",
    ],
    [{ views: ["v", { name: "full_view", materialized: true }] }, "view-full-view"],
    [{ extensions: ["pgcrypto"] }, "extension-pgcrypto"],
    [{ indexes: [{ name: "visits_by_user", columns: ["userId", "at"] }] }, "index-visits-by-user"],
    [{ indexes: [{ name: "visits_by_user", columns: ['"userId"'] }] }, "index-visits-by-user"],
    [
      {
        tables: [
          {
            name: "visits",
            columns: [
              { name: "at", type: "timestamp(3)" },
              { name: "seen", type: "timestamptz(3)[]" },
              { name: "price", type: "decimal(10, 2)" },
              { name: "until", type: "time(0)" },
            ],
          },
        ],
      },
      "table-visits",
    ],
  ])("passes %j", async (wanted, id) => {
    const results = resultsOf(await look(wanted));
    expect(results[id]).toBe("passed");
    expect(new Set(Object.values(results))).toEqual(new Set(["passed"]));
  });

  it("tells names in other scripts apart", async () => {
    const { observations } = await look({ tables: ["заказы", "клиенты"] });
    const [there, missing] = observations.filter(({ id }) => id.startsWith("table-"));
    expect([there?.result, missing?.result]).toEqual(["passed", "failed"]);
    expect(there?.id).not.toBe(missing?.id);
  });

  it.each([
    [{ tables: ["missing"] }, "table-missing", "no such table"],
    [{ tables: ["v"] }, "table-v", "no such table"],
    [{ tables: [{ name: "queue_jobs", columns: [{ name: "nada" }] }] }, "table-queue-jobs", "no column nada"],
    [
      { tables: [{ name: "queue_jobs", columns: [{ name: "estado", type: "varchar(9)" }] }] },
      "table-queue-jobs",
      "estado is text, want character varying(9)",
    ],
    [
      { tables: [{ name: "queue_jobs", columns: [{ name: "usuario", nullable: false }] }] },
      "table-queue-jobs",
      "usuario is nullable",
    ],
    [
      { tables: [{ name: "queue_jobs", columns: [{ name: "creado_en", default: null }] }] },
      "table-queue-jobs",
      "creado_en has the default now(), want none",
    ],
    [{ tables: [{ name: "open_door", exactColumns: true }] }, "table-open-door", "unexpected column id"],
    [
      { tables: [{ name: "queue_jobs", options: { autovacuum_vacuum_scale_factor: 0.1 } }] },
      "table-queue-jobs",
      "autovacuum_vacuum_scale_factor is 0.05, want 0.1",
    ],
    [
      { tables: [{ name: "quiet", options: { autovacuum_enabled: true } }] },
      "table-quiet",
      "autovacuum_enabled is off, want true",
    ],
    // The name alone means all that have it.
    [
      { functions: ["many"] },
      "function-many",
      "many(text): security definer without a search_path of its own",
    ],
    [
      { tables: [{ name: "queue_jobs", options: { fillfactor: 80 } }] },
      "table-queue-jobs",
      "fillfactor is not set, want 80",
    ],
    [
      { tables: [{ name: "open_door", rowSecurity: "enabled" }] },
      "rls-open-door",
      "row security disabled, 0 policies",
    ],
    [
      { tables: [{ name: "queue_jobs", rowSecurity: "forced" }] },
      "rls-queue-jobs",
      "row security enabled, 1 policies",
    ],
    [
      { tables: [{ name: "queue_jobs", rowSecurity: "disabled" }] },
      "rls-queue-jobs",
      "row security enabled, 1 policies",
    ],
    [{ indexes: ["missing"] }, "index-missing", "no such index"],
    [
      { indexes: [{ name: "idx_queue_jobs_estado", columns: ["creado_en"] }] },
      "index-idx-queue-jobs-estado",
      "on (estado, creado_en)",
    ],
    [
      { indexes: [{ name: "idx_queue_jobs_estado", table: "open_door" }] },
      "index-idx-queue-jobs-estado",
      "on table queue_jobs",
    ],
    [
      { indexes: [{ name: "idx_queue_jobs_estado", unique: true }] },
      "index-idx-queue-jobs-estado",
      "not unique",
    ],
    [{ functions: ["missing"] }, "function-missing", "no such function"],
    [{ functions: [{ name: "contar", arguments: "text" }] }, "function-contar", "only with ()"],
    [{ functions: [{ name: "contar", security: "definer" }] }, "function-contar", "security invoker"],
    [
      { functions: ["definer_bad"] },
      "function-definer-bad",
      "security definer without a search_path of its own",
    ],
    [
      { functions: [{ name: "contar", searchPath: "public" }] },
      "function-contar",
      "search_path is the caller's",
    ],
    [{ triggers: [{ name: "touched", table: "open_door" }] }, "trigger-open-door-touched", "no such trigger"],
    [
      { triggers: [{ name: "touched", table: "queue_jobs", function: "contar" }] },
      "trigger-queue-jobs-touched",
      "calls touch, want contar",
    ],
    [{ triggers: [{ name: "on_replicas", table: "visits" }] }, "trigger-visits-on-replicas", "disabled"],
    [
      { constraints: [{ name: "positive", table: "queue_jobs" }] },
      "constraint-queue-jobs-positive",
      "NOT VALID: old rows were never checked",
    ],
    [
      { constraints: [{ name: "nada", table: "queue_jobs" }] },
      "constraint-queue-jobs-nada",
      "no such constraint",
    ],
    [{ policies: [{ name: "nada", table: "queue_jobs" }] }, "policy-queue-jobs-nada", "no such policy"],
    [
      { policies: [{ name: "propios", table: "queue_jobs", command: "select", roles: ["greenlight"] }] },
      "policy-queue-jobs-propios",
      "for all; to public",
    ],
    [{ views: ["empty_view"] }, "view-empty-view", "never populated; REFRESH it"],
    [{ views: [{ name: "v", materialized: true }] }, "view-v", "view"],
    [{ views: ["queue_jobs"] }, "view-queue-jobs", "no such view"],
    [{ extensions: ["hstore"] }, "extension-hstore", "not installed"],
    [{ extensions: [{ name: "pgcrypto", version: "0.1" }] }, "extension-pgcrypto", "version 1.3"],
  ])("fails %j", async (wanted, id, observed) => {
    const finding = await look(wanted);
    expect(resultsOf(finding)[id]).toBe("failed");
    expect(observedOf(finding, id)).toBe(observed);
    expect(Object.values(resultsOf(finding)).filter((result) => result === "failed")).toHaveLength(2);
  });

  it("fails the row security of a table that is missing, even where none is wanted", async () => {
    const finding = await look({ tables: [{ name: "missing", rowSecurity: "disabled" }] });
    expect(observedOf(finding, "rls-missing")).toBe("no such table");
    expect(resultsOf(finding)).toMatchObject({ "rls-missing": "failed", "table-missing": "failed" });
  });

  it("does not take an index of another schema for one of public", async () => {
    const url = await newDatabase();
    await query(url, "create schema app; create table app.t (id int); create index i on app.t (id)");
    const finding = await runStep(step, {
      databaseUrl: url,
      schemas: ["public", "app"],
      indexes: ["i", "app.i"],
    });
    expect(resultsOf(finding)).toMatchObject({ "index-i": "failed", "index-app-i": "passed" });
    expect(observedOf(finding, "index-i")).toBe("no such index");
  });

  it("fails a disabled trigger and an INVALID index", async () => {
    const url = await newDatabase();
    for (const sql of [
      "create table t (id int)",
      "insert into t values (1), (1)",
      "create function f() returns trigger language plpgsql as 'begin return new; end'",
      "create trigger g before insert on t for each row execute function f()",
      "alter table t disable trigger g",
    ])
      await query(url, sql);
    await expect(query(url, "create unique index concurrently i on t (id)")).rejects.toThrow(
      "could not create unique index",
    );
    const finding = await runStep(step, {
      databaseUrl: url,
      indexes: ["i"],
      triggers: [{ name: "g", table: "t" }],
    });
    expect(observedOf(finding, "index-i")).toContain("INVALID");
    expect(observedOf(finding, "indexes-valid")).toBe("INVALID: i");
    expect(observedOf(finding, "trigger-t-g")).toBe("disabled");
    expect(new Set(Object.values(resultsOf(finding)))).toEqual(new Set(["failed"]));
  });
});

describe("schema probes", () => {
  const setup = ["insert into queue_jobs (usuario) values ('ana'), ('ana'), ('eva')"];
  const asAna = { role, settings: { "app.user": "ana" }, setup };
  const probe = async (wanted: object) => {
    const finding = await look({ probes: [{ name: "it", ...wanted }] });
    const { result, observed } = finding.observations.find(({ id }) => id === "isolation-it") ?? {};
    return `${result}: ${observed}`;
  };

  it.each([
    [{ ...asAna, sql: "select * from queue_jobs", expect: { rows: 2 } }, "passed: 2 rows"],
    [
      { ...asAna, sql: "select * from queue_jobs where usuario = 'eva'", expect: { rows: 0 } },
      "passed: 0 rows",
    ],
    [{ ...asAna, sql: "select * from queue_jobs", expect: { minRows: 1 } }, "passed: 2 rows"],
    [{ ...asAna, sql: "delete from queue_jobs", expect: { rows: 2 } }, "passed: 2 rows"],
    [
      { ...asAna, sql: "insert into queue_jobs (usuario) values ('ana');", expect: { rows: 1 } },
      "passed: 1 rows",
    ],
    [{ ...asAna, sql: "select * from queue_jobs", expect: { rows: 3 } }, "failed: 2 rows"],
    [{ ...asAna, sql: "select * from queue_jobs", expect: { minRows: 3 } }, "failed: 2 rows"],
    [{ ...asAna, sql: "select * from queue_jobs", expect: { denied: true } }, "failed: 2 rows"],
  ])("answers %j with %s", async (wanted, answer) => {
    expect(await probe(wanted)).toBe(answer);
  });

  it("tells a denial from any other error", async () => {
    expect(await probe({ role, sql: "select * from open_door", expect: { denied: true } })).toBe(
      "passed: denied: permission denied for table open_door",
    );
    const insert = "insert into queue_jobs (usuario) values ('eva')";
    expect(await probe({ ...asAna, sql: insert, expect: { denied: true } })).toMatch(
      /^passed: denied: .*row-level security/,
    );
    expect(await probe({ ...asAna, sql: insert, expect: { rows: 1 } })).toMatch(/^failed: denied/);
    expect(await probe({ role, sql: "select * from nothing_here", expect: { denied: true } })).toMatch(
      /^failed: relation/,
    );
  });

  it("is inconclusive when it cannot be set up", async () => {
    expect(await probe({ role: "nobody_here", sql: "select 1", expect: { rows: 1 } })).toMatch(
      /^inconclusive: .*nobody_here/,
    );
    expect(await probe({ setup: ["commit"], sql: "select 1", expect: { rows: 1 } })).toMatch(
      /^inconclusive: .*no transaction of its own/,
    );
  });

  it("leaves no row behind, also when the statement tries to commit", async () => {
    await probe({ setup, sql: "/* now */ commit", expect: { rows: 1 } });
    await probe({ setup, sql: "select 1; commit", expect: { rows: 1 } });
    expect(await query(databaseUrl, "select count(*)::int from queue_jobs")).toEqual([[0]]);
  });
});
