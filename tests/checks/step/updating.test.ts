// A dry run is told whether an update is under way: what a preview tries, an update need not try again.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { check, execute } from "../../../checks/step/host.ts";

it("tries nothing in a dry run once a step was run", async () => {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-updating-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, "1_orders.sql"), "create table orders (id int)");
  writeFileSync(join(directory, "1_orders.down.sql"), "drop table orders");
  const all = "1 pending files on a copy restored from the backup: up, down, up";
  // The address of the database is not known yet.
  const unknown = {
    databaseUrl: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    backup: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  };
  const inputs = { kind: "rehearsal", name: "rehearsal", directory, ...unknown };
  const plan = async () => (await check(inputs)).inputs.plan;
  expect(await plan()).toEqual([
    all,
    "not tried in the preview: there is no database to copy yet; up does it",
  ]);
  await expect(execute({ kind: "rows", name: "rows" }, undefined, undefined)).rejects.toThrow('rows "rows"');
  expect(await plan()).toEqual([all]);
});
