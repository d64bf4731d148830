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
