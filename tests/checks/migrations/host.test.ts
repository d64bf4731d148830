// The steps as the dynamic-provider process runs them: loaded by kind, inputs as they come over the wire.
import { expect, it } from "vitest";
import { withDatabase } from "../../../checks/database.ts";
import { readMigrations } from "../../../checks/migrations/directory.ts";
import { migrateDown } from "../../../checks/migrations/down.ts";
import { check, diff, execute } from "../../../checks/step/host.ts";
import { newDatabase } from "../support/database.ts";
import { directoryOf, upOptions } from "../support/migrations.ts";

it("previews, runs and then leaves alone a migration, and keeps the password out of everything", async () => {
  const databaseUrl = await newDatabase();
  const password = decodeURIComponent(new URL(databaseUrl).password);
  const directory = directoryOf({
    "1_a.sql": `create table a (); comment on table a is '${password}'; select '${password}'::int`,
  });
  const inputs = { kind: "migration", name: "test", databaseUrl, directory };
  const previewed = await check({ ...inputs, preview: true });
  expect(previewed.failures).toEqual([]);
  expect(previewed.inputs.plan).toEqual([
    "1 of 1 files pending, the database is at no migration",
    expect.stringMatching(/^1_a\.sql: 3 statements/),
  ]);
  const failed = await execute(inputs, undefined, undefined).catch((error: Error) => error);
  expect(String(failed)).toContain('invalid input syntax for type integer: "[secret]"');
  expect(JSON.stringify(failed)).not.toContain(password);

  const good = { ...inputs, directory: directoryOf({ "1_a.sql": "create table a ()" }) };
  const { outs } = await execute(good, undefined, undefined);
  expect(outs).toMatchObject({ result: "passed", kind: "migration" });
  expect(JSON.stringify(outs)).not.toContain(password);
  expect(await diff({ ...good, ...outs }, good)).toEqual({ changes: false });
  const edited = { ...good, directory: directoryOf({ "1_a.sql": "create table b ()" }) };
  expect(await diff({ ...good, ...outs }, edited)).toEqual({ changes: true });
  expect((await check({ ...edited, preview: true })).failures).toEqual([
    { property: "test", reason: expect.stringContaining("1_a.sql: edited after it was applied") },
  ]);
});

it("runs a migration again where the database went back since, with the same files", async () => {
  const databaseUrl = await newDatabase();
  const files = { "1_a.sql": "create table a ()", "1_a.down.sql": "drop table a" };
  const directory = directoryOf(files);
  const inputs = { kind: "migration", name: "test", databaseUrl, directory };
  await check(inputs);
  const { outs } = await execute(inputs, undefined, undefined);
  expect(await diff({ ...inputs, ...outs }, inputs)).toEqual({ changes: false });
  await withDatabase(databaseUrl, { application: "test", signal: AbortSignal.timeout(60_000) }, (client) =>
    migrateDown(client, readMigrations(directory), { ...upOptions(), to: "0" }),
  );
  expect(await diff({ ...inputs, ...outs }, inputs)).toEqual({ changes: true });
});

it("runs schema, rows and maintenance on what came over the wire", async () => {
  const databaseUrl = await newDatabase();
  const directory = directoryOf({ "1_a.sql": "create table a (id int primary key)" });
  await execute({ kind: "migration", name: "test", databaseUrl, directory }, undefined, undefined);
  const steps = [
    { kind: "schema", tables: ["a"], fromMigrations: { directory } },
    { kind: "rows", queries: [{ name: "none", sql: "table a", expect: { count: 0 } }] },
    { kind: "maintenance", analyze: ["a"] },
  ];
  for (const step of steps) {
    const { outs } = await execute({ name: "test", databaseUrl, ...step }, undefined, undefined);
    expect(outs).toMatchObject({ kind: step.kind, result: "passed" });
  }
});
