// The lock table against the server itself: what pg_locks shows after each statement.
import type { Client } from "pg";
import { beforeAll, expect, it } from "vitest";
import { type Grammar, loadGrammar } from "../../../checks/migrations/grammar.ts";
import { LOCK_MODES, type LockMode, locksOf } from "../../../checks/migrations/lint/locks.ts";
import { newDatabase, session } from "../support/database.ts";

let grammar: Grammar;
let client: Client;

beforeAll(async () => {
  grammar = await loadGrammar();
  client = await session(await newDatabase());
  await client.query(`
    create table t (id int primary key, a int, b text, constraint positive check (a > 0) not valid);
    create table u (id int primary key, t_id int);
    create table w (id int);
    create table parts (id int, at date) partition by range (at);
    create table part1 (id int, at date);
    create materialized view m as select 1 as id;
    create unique index m_id on m (id);
    create index t_a on t (a);
    create function f() returns trigger language plpgsql as 'begin return new; end';
    create trigger g before update on t for each row execute function f();
    create policy p on t using (true);
    create rule r as on delete to u do also nothing;
    create statistics s on id, a from t;
    alter table u add constraint u_t foreign key (t_id) references t not valid`);
});

it.each([
  "alter table t add column c int",
  "alter table t drop column b",
  "alter table t alter column a type bigint",
  "alter table t alter column a set not null",
  "alter table t alter column a set default 1",
  "alter table t alter column a set statistics 10",
  "alter table t alter column a set (n_distinct = 5)",
  "alter table t set (autovacuum_vacuum_scale_factor = 0.1)",
  "alter table t set (fillfactor = 80)",
  "alter table t reset (autovacuum_vacuum_scale_factor)",
  "alter table t set (user_catalog_table = true)",
  "alter table t add constraint c check (a > 1)",
  "alter table t add constraint c check (a > 1) not valid",
  "alter table t validate constraint positive",
  "alter table u validate constraint u_t",
  "alter table u add foreign key (id) references t",
  "alter table u add column x int references t",
  "alter table t add unique (a)",
  "alter table t cluster on t_a",
  "alter table t disable trigger g",
  "alter table t enable trigger all",
  "alter table t enable row level security",
  "alter table t owner to current_user",
  "alter table t rename to t2",
  "alter table t rename column a to a2",
  "alter table parts attach partition part1 for values from ('2026-01-01') to ('2026-02-01')",
  "create index x on t (b)",
  "create trigger h before insert on t for each row execute function f()",
  "create policy q on t using (true)",
  "alter policy p on t using (false)",
  "drop policy p on t",
  "drop trigger g on t",
  "create rule r2 as on delete to t do also nothing",
  "create table v (id int references t)",
  "drop table w",
  "drop materialized view m",
  "truncate u",
  "refresh materialized view m",
  "refresh materialized view concurrently m",
  "cluster t using t_a",
  "reindex table t",
  "lock table t",
  "lock table t in share row exclusive mode",
  "analyze t",
  "comment on table t is 'x'",
  "comment on column t.a is 'x'",
  "insert into u values (1)",
  "update t set a = 1",
  "delete from t",
  "create statistics s2 on a, id from t",
])("predicts the locks of %s", async (sql) => {
  const parsed = grammar.parse(sql);
  const predicted = new Map<string, number>();
  for (const { node } of parsed.fault ? [] : parsed.statements)
    for (const { table, mode } of locksOf(node))
      predicted.set(table.name, Math.max(predicted.get(table.name) ?? 0, LOCK_MODES.indexOf(mode)));
  // Names are asked for before the statement, which may drop or rename the table.
  const { rows: tables } = await client.query<{ name: string; oid: string }>(
    "select relname as name, oid::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'm')",
  );
  await client.query("begin");
  try {
    await client.query(sql);
    const { rows } = await client.query<{ oid: string; mode: string }>(
      "select relation::text as oid, mode from pg_locks where pid = pg_backend_pid() and locktype = 'relation'",
    );
    for (const { name, oid } of tables) {
      const held = rows.filter((row) => row.oid === oid).map(({ mode }) => LOCK_MODES.indexOf(spelled(mode)));
      const strongest = Math.max(-1, ...held);
      // Looking at a table (ACCESS SHARE, ROW SHARE) is not worth a line in a preview.
      if (strongest <= 1 && !predicted.has(name)) continue;
      expect(`${name}: ${LOCK_MODES[predicted.get(name) ?? -1]}`).toBe(`${name}: ${LOCK_MODES[strongest]}`);
    }
    expect([...predicted.keys()].filter((name) => !tables.some((table) => table.name === name))).toEqual([]);
  } finally {
    await client.query("rollback");
  }
});

/** `AccessExclusiveLock` is `ACCESS EXCLUSIVE`. */
function spelled(mode: string): LockMode {
  const words = mode
    .replace(/Lock$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
  return LOCK_MODES.find((known) => known === words) ?? "ACCESS SHARE";
}
