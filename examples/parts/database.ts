// The application's connection to PostgreSQL: TLS with the server's name verified, every statement timed, and every
// transaction run with the claims that the row-level policies read.
import pg from "pg";
import type { PartFaults } from "./faults.ts";
import type { Logger } from "./log.ts";
import type { BaseMetrics } from "./metrics.ts";

/** Whose rows a transaction may see: a person's own, or all of them for the service itself. */
export interface Claims {
  /** The person's id; absent for the service. */
  sub?: string;
  role: "user" | "operator" | "service_role";
}

/** A transaction in progress. */
export interface Transaction {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

export type Database = ReturnType<typeof openDatabase>;

/** The service itself, for what no person asked for. */
export const service: Claims = { role: "service_role" };

/** @param name of the application as the server lists its connections. */
export function openDatabase(
  given: { url: string; name: string },
  log: Logger,
  metrics: () => Pick<BaseMetrics, "querySeconds" | "connectionErrors">,
  faults: PartFaults,
) {
  const pool = new pg.Pool({
    connectionString: withoutTls(given.url),
    ssl: faults.has("database-plain") ? false : { rejectUnauthorized: true },
    max: Number(new URL(given.url).searchParams.get("connection_limit") ?? 10),
    connectionTimeoutMillis: 5_000,
    application_name: given.name,
    statement_timeout: 30_000,
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on("error", (error) => {
    metrics().connectionErrors.inc();
    log.error("Database connection lost", { error: error.message });
  });

  // A connection in use that breaks between two statements says so in the same way; its next statement fails.
  const lost = (error: Error) => log.error("Database connection lost", { error: error.message });

  async function connect(): Promise<pg.PoolClient> {
    try {
      const client = await pool.connect();
      client.on("error", lost);
      return client;
    } catch (error) {
      metrics().connectionErrors.inc();
      throw error;
    }
  }

  /** Runs `work` in one transaction in which the policies see `claims`. */
  async function transaction<Result>(
    claims: Claims,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    const seen = faults.has("isolation-off") ? { ...claims, role: "service_role" } : claims;
    const client = await connect();
    let broken: Error | undefined;
    try {
      await client.query("BEGIN");
      await client.query("SELECT set_config('request.jwt.claims', $1, true)", [JSON.stringify(seen)]);
      const result = await work({
        async query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]) {
          const stop = metrics().querySeconds.startTimer();
          try {
            return (await client.query<Row>(text, values)).rows;
          } finally {
            stop();
          }
        },
      });
      await client.query("COMMIT");
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not given to the next request.
      await client.query("ROLLBACK").catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.off("error", lost);
      client.release(broken);
    }
  }

  return {
    transaction,
    /** One statement in a transaction of its own. */
    query: <Row extends pg.QueryResultRow>(claims: Claims, text: string, values?: unknown[]) =>
      transaction(claims, (inner) => inner.query<Row>(text, values)),
    close: () => pool.end(),
  };
}

/** The URL's own words about TLS and the pool are for others, or read above. */
function withoutTls(url: string): string {
  const plain = new URL(url);
  for (const name of ["sslmode", "sslrootcert", "uselibpqcompat", "connection_limit", "pool_timeout"])
    plain.searchParams.delete(name);
  return plain.href;
}
