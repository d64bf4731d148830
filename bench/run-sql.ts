// Statements that prepare a benchmark, on a local server.
import { Client } from "pg";

/** Runs the statements one by one; the address is one of the local services, whose certificate is self-made. */
export async function runSql(url: string, statements: string[]): Promise<void> {
  const client = new Client({
    connectionString: url.replace(/\?.*/, ""),
    ssl: { rejectUnauthorized: false },
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Drops the databases, whoever is connected; those that do not exist are no failure. */
export function dropDatabases(url: string, ...names: string[]): Promise<void> {
  return runSql(
    url,
    names.map((name) => `drop database if exists ${name} with (force)`),
  );
}
