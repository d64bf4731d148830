// A database of the example with its migrations applied, on the run's PostgreSQL, with roles of its own.
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { type Services, servicesEnvironment } from "../../../../local/services/services.ts";
import { inExample } from "./example.ts";

export interface ExampleDatabase {
  name: string;
  /** As the application connects. */
  applicationUrl: string;
  readonlyUrl: string;
  /** As whoever owns the tables; row-level policies do not hold. */
  ownerUrl: string;
  /** A statement as the owner. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  drop(): Promise<void>;
}

/** The names of the up files, in order; repeatable files last. */
export async function migrationFiles(): Promise<string[]> {
  const names = await readdir(inExample("migrations"));
  return names.filter((name) => name.endsWith(".sql") && !name.endsWith(".down.sql")).sort();
}

/** @param migrated false for an empty database. */
export async function createDatabase(services: Services, migrated = true): Promise<ExampleDatabase> {
  const name = `hv_${randomBytes(6).toString("hex")}`;
  const environment = servicesEnvironment(services);
  const adminUrl = new URL(environment.GREENLIGHT_DATABASE_URL ?? "");
  const authority = environment.GREENLIGHT_CA_FILE ?? "";
  const password = randomBytes(16).toString("hex");
  const admin = await connect(adminUrl.href, authority);
  await admin.query(`CREATE DATABASE ${name}`);
  for (const purpose of ["application", "readonly"]) {
    await admin.query(`CREATE ROLE ${name}_${purpose} LOGIN PASSWORD '${password}'`);
  }
  const urlOf = (user: string, word: string) => {
    const url = new URL(adminUrl);
    [url.pathname, url.username, url.password] = [`/${name}`, user, word];
    return url.href;
  };
  const ownerUrl = urlOf(adminUrl.username, decodeURIComponent(adminUrl.password));
  const owner = await connect(ownerUrl, authority);
  for (const file of migrated ? await migrationFiles() : []) {
    await owner.query(await readFile(inExample("migrations", file), "utf8"));
  }
  return {
    name,
    ownerUrl,
    applicationUrl: urlOf(`${name}_application`, password),
    readonlyUrl: urlOf(`${name}_readonly`, password),
    query: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await owner.query<Row>(text, values)).rows,
    async drop() {
      await owner.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      for (const purpose of ["application", "readonly"]) await admin.query(`DROP ROLE ${name}_${purpose}`);
      await admin.end();
    },
  };
}

/** A connection whose server certificate is verified against the authority. */
export async function connect(url: string, authority: string): Promise<pg.Client> {
  const plain = new URL(url);
  plain.search = "";
  const client = new pg.Client({
    connectionString: plain.href,
    ssl: { ca: await readFile(authority, "utf8"), rejectUnauthorized: true },
  });
  await client.connect();
  return client;
}
