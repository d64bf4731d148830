// A database of its own for each test, on the run's PostgreSQL; dropped at the end of the test file.
import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { afterAll } from "vitest";
import { connect } from "../../../checks/database.ts";
import { servicesEnvironment } from "../../../local/services/services.ts";
import { sharedServices } from "../../support/services.ts";

const made: string[] = [];
const open: Client[] = [];

/** Address of the server's administrator, on the maintenance database. */
export async function adminUrl(): Promise<string> {
  const environment = servicesEnvironment(await sharedServices());
  process.env.PGSSLROOTCERT = environment.PGSSLROOTCERT;
  const url = environment.GREENLIGHT_DATABASE_URL;
  if (url === undefined) throw new Error("the local services name no database");
  return url;
}

/** The address of a new, empty database. */
export async function newDatabase(): Promise<string> {
  const admin = await adminUrl();
  const name = `checks_${randomBytes(6).toString("hex")}`;
  const client = await session(admin);
  await client.query(`create database ${name}`);
  made.push(name);
  return admin.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

/** A session that is closed at the end of the test file. */
export async function session(url: string): Promise<Client> {
  const client = await connect(url, { application: "test", signal: new AbortController().signal });
  open.push(client);
  return client;
}

/** The rows of one statement, each as its values. */
export async function query(url: string, sql: string): Promise<unknown[][]> {
  const client = await connect(url, { application: "test query", signal: new AbortController().signal });
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    return rows;
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  await Promise.all(open.splice(0).map((client) => client.end().catch(() => {})));
  if (made.length === 0) return;
  const client = await connect(await adminUrl(), {
    application: "test",
    signal: new AbortController().signal,
  });
  for (const name of made.splice(0)) await client.query(`drop database if exists ${name} with (force)`);
  await client.end();
});
