import { expect, it } from "vitest";
import { planLines } from "../../../checks/migrations/preview.ts";
import { newDatabase } from "../support/database.ts";
import { up } from "../support/migrations.ts";

const directory = "examples/hv-consultores/migrations";

it("applies the migrations of the example system, whose preview finds nothing that stops it", async () => {
  const url = await newDatabase();
  const lines = await planLines({ directory, databaseUrl: url }, new AbortController().signal);
  expect(lines[0]).toMatch(/^\d+ of \d+ files pending, the database is at no migration$/);
  const result = await up(url, directory);
  expect(result.failure?.message).toBeUndefined();
  expect(result.applied.length).toBeGreaterThan(0);
  const again = await planLines({ directory, databaseUrl: url }, new AbortController().signal);
  expect(again).toEqual([expect.stringContaining("nothing pending")]);
});
