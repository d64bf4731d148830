// A PostgreSQL session for a check: TLS as libpq understands the address (PGSSLROOTCERT names the CA), ended in any case.
import type { Client } from "pg";

export interface SessionOptions {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** @default 15 */
  connectSeconds?: number;
}

/** Runs `work` on a session of its own. @throws when the server cannot be reached; the message has no password */
export async function withClient<T>(
  databaseUrl: string,
  options: SessionOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(databaseUrl, options);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A connected session, which the caller ends. @throws when the server cannot be reached; the message has no password */
export async function openClient(databaseUrl: string, options: SessionOptions): Promise<Client> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: libpqAddress(databaseUrl),
    application_name: options.applicationName,
    connectionTimeoutMillis: (options.connectSeconds ?? 15) * 1000,
  });
  // A session that breaks while it is idle fails the next query; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

/** The address with libpq's meaning of `sslmode`, and its default place for the CA. */
function libpqAddress(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set("uselibpqcompat", "true");
  const authority = process.env.PGSSLROOTCERT;
  const wantsTls = !["disable", null].includes(url.searchParams.get("sslmode"));
  if (authority && wantsTls && !url.searchParams.has("sslrootcert"))
    url.searchParams.set("sslrootcert", authority);
  return url.href;
}
