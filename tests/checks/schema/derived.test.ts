import { describe, expect, it } from "vitest";
import { step } from "../../../checks/schema.ts";
import { adminUrl, newDatabase, query } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";
import { observedOf, resultsOf, runStep } from "../support/step.ts";

const files = {
  "1_a.sql": `
    create type state as enum ('new', 'done');
    create table a (id bigint generated always as identity primary key, name text not null default 'x', at timestamptz default now(), s state);
    create index a_name on a (name);
    create function f(n int) returns int language sql as 'select n';
    create function g() returns trigger language plpgsql as 'begin return new; end';
    create trigger t before update on a for each row execute function g();
    alter table a enable row level security;
    create policy p on a using (name = current_user);
    create view v as select name from a;
    create extension pgcrypto`,
  "2_b.sql": "alter table a add constraint positive check (id > 0)",
};

async function migrated(): Promise<{ databaseUrl: string; fromMigrations: { directory: string } }> {
  const databaseUrl = await newDatabase();
  const directory = directoryOf(files);
  await up(databaseUrl, directory);
  return { databaseUrl, fromMigrations: { directory } };
}
const shadows = async () =>
  query(await adminUrl(), "select datname from pg_database where datname ~ '^greenlight_shadow'");

describe("the schema that migrations make", () => {
  it("is equal to that of the database they were run on", async () => {
    const finding = await runStep(step, await migrated());
    expect(resultsOf(finding)).toEqual({
      "indexes-valid": "passed",
      "derived-tables": "passed",
      "derived-columns": "passed",
      "derived-constraints": "passed",
      "derived-indexes": "passed",
      "derived-functions": "passed",
      "derived-triggers": "passed",
      "derived-policies": "passed",
      "derived-extensions": "passed",
      "derived-types": "passed",
    });
    expect(observedOf(finding, "derived-columns")).toBe("5 equal");
    expect(await shadows()).toEqual([]);
  });

  it("is made with the order of texts that the live one has", async () => {
    const own = new URL(await newDatabase());
    const name = own.pathname.slice(1);
    await query(await adminUrl(), `drop database ${name}`);
    await query(
      await adminUrl(),
      `create database ${name} template template0 encoding 'UTF8' locale_provider icu icu_locale 'und' lc_collate 'C' lc_ctype 'C'`,
    );
    // A range of texts that is none where capital letters come before small ones.
    const directory = directoryOf({
      "1_names.sql": `create table names (name text) partition by range (name);
        create table names_a_to_c partition of names for values from ('a') to ('C')`,
    });
    await up(own.href, directory);
    const results = resultsOf(await runStep(step, { databaseUrl: own.href, fromMigrations: { directory } }));
    expect(new Set(Object.values(results))).toEqual(new Set(["passed"]));
  });

  it("differs in exactly what was changed by hand", async () => {
    const given = await migrated();
    for (const sql of [
      "alter table a disable row level security",
      "alter table a alter column at drop default",
      "alter table a alter column s set not null",
      "alter table a drop constraint positive",
      "drop index a_name",
      "create index by_hand on a (at)",
      "create or replace function f(n int) returns int language sql security definer as 'select n + 1'",
      "alter table a disable trigger t",
      "alter policy p on a using (true)",
      "drop extension pgcrypto",
      "alter type state add value 'lost'",
    ])
      await query(given.databaseUrl, sql);
    const finding = await runStep(step, given);
    const faults = (kind: string) => observedOf(finding, `derived-${kind}`)?.split("; ");
    expect(faults("tables")).toEqual([
      expect.stringMatching(/^a is \{rowSecurity: false, .*\}, want \{rowSecurity: true, /),
    ]);
    expect(faults("columns")).toEqual([
      "a.at is {type: timestamp with time zone, nullable: true, default: null, computed: null}, want {type: timestamp with time zone, nullable: true, default: now(), computed: null}",
      expect.stringMatching(/^a\.s is \{type: state, nullable: false/),
    ]);
    expect(faults("constraints")).toEqual(["a.positive is missing"]);
    expect(faults("indexes")).toEqual(["a.a_name is missing", "a.by_hand is made by no migration"]);
    expect(faults("functions")).toEqual([
      expect.stringMatching(/^f\(integer\) is \{.*security: definer.*, want \{.*security: invoker/),
    ]);
    expect(faults("triggers")).toEqual([expect.stringMatching(/^a\.t is \{.*enabled: false\}, want/)]);
    expect(faults("policies")).toEqual([
      expect.stringMatching(/^a\.p is \{.*using: true, .*, want .*using: \(name = CURRENT_USER\)/),
    ]);
    expect(faults("extensions")).toEqual(["pgcrypto is missing"]);
    expect(faults("types")).toEqual([
      "enum state is {definition: 'new', 'done', 'lost'}, want {definition: 'new', 'done'}",
    ]);
    const results = Object.entries(resultsOf(finding)).filter(([id]) => id.startsWith("derived-"));
    expect(new Set(results.map(([, result]) => result))).toEqual(new Set(["failed"]));
  });

  it("may be told to leave other objects alone", async () => {
    const { databaseUrl, fromMigrations } = await migrated();
    await query(databaseUrl, "create table by_hand (id int)");
    const finding = await runStep(step, {
      databaseUrl,
      fromMigrations: { ...fromMigrations, extras: "allow" },
    });
    expect(observedOf(finding, "derived-tables")).toBe("2 equal, 1 others");
    expect(new Set(Object.values(resultsOf(finding)))).toEqual(new Set(["passed"]));
  });

  it("cannot be known when a migration fails on an empty database, and leaves no database behind", async () => {
    const databaseUrl = await newDatabase();
    await query(databaseUrl, "create table by_hand (id int)");
    const directory = directoryOf({ "1_a.sql": "alter table by_hand add column x int" });
    await expect(runStep(step, { databaseUrl, fromMigrations: { directory } })).rejects.toThrow(
      /^shadow database: 1_a\.sql:1:1: relation "by_hand" does not exist .*; the migrations must run on an empty database$/,
    );
    expect(await shadows()).toEqual([]);
  });

  it("says which privilege it needs", async () => {
    const { databaseUrl, fromMigrations } = await migrated();
    const role = `checks_plain_${process.pid}`;
    await query(databaseUrl, `create role ${role} login password 'plain-password'`);
    const plain = new URL(databaseUrl);
    plain.username = role;
    plain.password = "plain-password";
    const attempt = runStep(step, { databaseUrl: plain.href, fromMigrations });
    await expect(attempt).rejects.toThrow(
      "shadow database: permission denied to create database; name a role that may create databases in shadowUrl",
    );
    const helped = await runStep(step, {
      databaseUrl: plain.href,
      fromMigrations: { ...fromMigrations, shadowUrl: databaseUrl },
    });
    expect(resultsOf(helped)["derived-tables"]).toBe("passed");
    await query(databaseUrl, `drop role ${role}`);
  });
});
