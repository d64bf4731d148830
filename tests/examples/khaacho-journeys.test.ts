// Khaacho's journeys on a database where one was killed half way: its person, with a fixed id, is still there.
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { connect } from "../../checks/database.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";

const example = join(projectRoot, "examples/khaacho");
const name = `khaacho_${randomBytes(6).toString("hex")}`;
const PERSON = /VALUES \('(5e04[0-9a-f-]+)'/;

const step = z.object({
  sql: z.object({ query: z.string(), parameters: z.array(z.string()).default([]) }).optional(),
});
const file = z.object({ journeys: z.array(z.object({ name: z.string(), steps: z.array(step) })) });
const { journeys } = file.parse(parse(await readFile(join(example, "smoke/journeys.yaml"), "utf8")));
const withPerson = journeys.filter(({ steps }) => steps.some(({ sql }) => PERSON.test(sql?.query ?? "")));

let admin: Client;
let client: Client;

beforeAll(async () => {
  const { GREENLIGHT_DATABASE_URL = "", GREENLIGHT_CA_FILE = "" } = servicesEnvironment(
    await sharedServices(),
  );
  const url = new URL(GREENLIGHT_DATABASE_URL);
  url.searchParams.set("sslrootcert", GREENLIGHT_CA_FILE);
  const session = { application: "test", signal: AbortSignal.timeout(120_000) };
  admin = await connect(url.href, session);
  await admin.query(`create database ${name}`);
  url.pathname = `/${name}`;
  client = await connect(url.href, session);
  await client.query("create extension pg_stat_statements");
  const files = (await readdir(join(example, "migrations"))).filter((one) => !one.endsWith(".down.sql"));
  for (const one of files.sort())
    await client.query(await readFile(join(example, "migrations", one), "utf8"));
});
afterAll(async () => {
  await client?.end();
  await admin.query(`drop database ${name} with (force)`);
  await admin.end();
});

/** The questions of a journey up to the one that makes its person. */
async function begin(steps: z.infer<typeof file>["journeys"][number]["steps"], run: string): Promise<void> {
  const made = steps.findIndex(({ sql }) => PERSON.test(sql?.query ?? ""));
  for (const { sql } of steps.slice(0, made + 1))
    if (sql)
      await client.query(
        sql.query,
        sql.parameters.map((one) => one.replaceAll("${run}", run)),
      );
}

describe("a journey that was killed", () => {
  it("is known: there are five with a person of their own", () => {
    expect(withPerson.map((one) => one.name)).toEqual([
      "order",
      "routing",
      "payment",
      "credit-score",
      "indexes",
    ]);
  });

  it.each(withPerson)("begins anew and leaves nothing of before: $name", async ({ steps }) => {
    const person = steps.map(({ sql }) => PERSON.exec(sql?.query ?? "")?.[1]).find((id) => id !== undefined);
    await begin(steps, "killed");
    const vendor = "INSERT INTO vendors (name, region) VALUES ('cheap', 'killed') RETURNING id";
    const { rows } = await client.query<{ id: string }>(vendor);
    await client.query("INSERT INTO products (name, price_cents) VALUES ('rice killed', 1250)");
    const order = "INSERT INTO orders (user_id, total_cents, vendor_id) VALUES ($1, 100, $2)";
    await client.query(order, [person, rows[0]?.id]);
    await begin(steps, "next");
    const left = await client.query(
      `SELECT region AS name FROM users UNION ALL SELECT region FROM vendors UNION ALL SELECT name FROM products
       UNION ALL SELECT 'order' FROM orders`,
    );
    expect(left.rows).toEqual([{ name: "next" }]);
    await client.query("DELETE FROM users");
  });
});
