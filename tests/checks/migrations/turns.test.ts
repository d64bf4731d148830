// Counts what crosses the network: requests that the client sends and answers that the server ends.
import { expect, it } from "vitest";
import { newDatabase } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";
import { proxyBefore } from "../support/proxy.ts";

it("takes at most 1.2 network turns a file, verify blocks included, and a handful when nothing is pending", async () => {
  const { url, counter } = await proxyBefore(await newDatabase());
  const files = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => {
      const number = String(index + 1).padStart(4, "0");
      const sql = `create table t${number} (id int primary key, name text);\ncreate index on t${number} (name);\n-- verify\nselect to_regclass('t${number}') is not null`;
      return [`${number}_t.sql`, sql];
    }),
  );
  const directory = directoryOf(files);
  expect((await up(url, directory)).applied).toHaveLength(100);
  expect(counter.turns).toBeGreaterThanOrEqual(100);
  expect(counter.turns).toBeLessThanOrEqual(120);
  counter.turns = 0;
  expect((await up(url, directory)).applied).toEqual([]);
  expect(counter.turns).toBeLessThanOrEqual(12);
});
