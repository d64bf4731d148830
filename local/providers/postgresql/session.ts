// Connections to the PostgreSQL server of this machine: one a database, opened when first used.
// A server elsewhere is refused when a connection is about to be made; writes run one after the other, since
// PostgreSQL fails two changes of one role or access list at the same time ("tuple concurrently updated").

import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { Client, type QueryResultRow } from "pg";
import { isLoopback, OUTSIDE } from "../loopback.ts";

export interface PostgresqlSettings {
  host?: string;
  port: number;
  username: string;
  password?: string;
  /** The database of objects that do not name one. */
  database: string;
  sslmode: string;
  /** File of the certificate authority. */
  sslrootcert?: string;
  connectTimeoutSeconds: number;
}

interface Connection {
  client: Promise<Client>;
  /** Ends when nobody uses the client. */
  last: Promise<unknown>;
}

export class PostgresqlSession {
  readonly settings: PostgresqlSettings;
  #connections = new Map<string, Connection>();
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(settings: PostgresqlSettings) {
    this.settings = settings;
  }

  /** Rows of one query. @param database @default the provider's */
  async rows<R extends QueryResultRow>(sql: string, values: unknown[] = [], database?: string): Promise<R[]> {
    return this.#alone(database, async (client) => (await client.query<R>(sql, values)).rows);
  }

  /** Runs statements in one transaction, after every write that was asked for before. */
  async write(statements: readonly string[], database?: string): Promise<void> {
    if (statements.length === 0) return;
    await this.#inTurn(database, async (client) => {
      await client.query("begin");
      try {
        for (const statement of statements) await client.query(statement);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      }
    });
  }

  /** Runs a statement that PostgreSQL refuses inside a transaction, e.g. `create database`. */
  async writeAlone(statement: string): Promise<void> {
    await this.#inTurn(undefined, (client) => client.query(statement));
  }

  #inTurn(database: string | undefined, work: (client: Client) => Promise<unknown>): Promise<unknown> {
    const turn = this.#lastWrite.then(() => this.#alone(database, work));
    this.#lastWrite = turn.catch(() => {});
    return turn;
  }

  /** Nobody else uses the connection meanwhile: a reader would see the inside of a transaction. */
  async #alone<T>(database = this.settings.database, work: (client: Client) => Promise<T>): Promise<T> {
    const connection = this.#connection(database);
    const turn = connection.last.then(async () => work(await connection.client));
    connection.last = turn.catch(() => {});
    return turn;
  }

  /** Ends the connection to a database that is about to go. */
  async disconnect(database: string): Promise<void> {
    const connection = this.#connections.get(database);
    if (!connection) return;
    this.#connections.delete(database);
    await connection.last;
    await (await connection.client).end();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.keys()].map((database) => this.disconnect(database)));
  }

  #connection(database: string): Connection {
    const open = this.#connections.get(database);
    if (open) return open;
    const made: Connection = { client: this.#open(database), last: Promise.resolve() };
    this.#connections.set(database, made);
    const forget = () => {
      if (this.#connections.get(database) === made) this.#connections.delete(database);
    };
    made.client.then((client) => client.on("error", forget).on("end", forget), forget);
    return made;
  }

  async #open(database: string): Promise<Client> {
    const { host, port, username, password, connectTimeoutSeconds } = this.settings;
    if (host === undefined) {
      throw new Error('provider "postgresql": no host; set postgresql:host or PGHOST');
    }
    if (!isLoopback(host)) {
      throw new Error(`provider "postgresql": host is ${host}, want loopback; ${OUTSIDE}`);
    }
    const client = new Client({
      host,
      port,
      user: username,
      password,
      database,
      ssl: await tlsOptions(this.settings),
      connectionTimeoutMillis: connectTimeoutSeconds * 1000,
      application_name: "greenlight provider",
    });
    await client.connect();
    return client;
  }
}

/** As libpq: `require` encrypts, and verifies only when it was told an authority. */
async function tlsOptions({ sslmode, sslrootcert }: PostgresqlSettings): Promise<ConnectionOptions | false> {
  if (sslmode === "disable") return false;
  if (sslrootcert === undefined && sslmode === "require") return { rejectUnauthorized: false };
  const ca = sslrootcert === undefined ? undefined : await readFile(sslrootcert, "utf8");
  if (sslmode === "verify-full") return { ca };
  return { ca, checkServerIdentity: () => undefined };
}
