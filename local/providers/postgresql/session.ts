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

export class PostgresqlSession {
  readonly settings: PostgresqlSettings;
  #clients = new Map<string, Promise<Client>>();
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(settings: PostgresqlSettings) {
    this.settings = settings;
  }

  /** Rows of one query. @param database @default the provider's */
  async rows<R extends QueryResultRow>(sql: string, values: unknown[] = [], database?: string): Promise<R[]> {
    const client = await this.#connect(database ?? this.settings.database);
    return (await client.query<R>(sql, values)).rows;
  }

  /** Runs statements in one transaction, after every write that was asked for before. */
  write(statements: readonly string[], database?: string): Promise<void> {
    return this.#inTurn(async () => {
      if (statements.length === 0) return;
      const client = await this.#connect(database ?? this.settings.database);
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
  writeAlone(statement: string): Promise<void> {
    return this.#inTurn(async () => {
      const client = await this.#connect(this.settings.database);
      await client.query(statement);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastWrite.then(work);
    this.#lastWrite = turn.catch(() => {});
    return turn;
  }

  /** Ends the connection to a database that is about to go. */
  async disconnect(database: string): Promise<void> {
    const client = this.#clients.get(database);
    this.#clients.delete(database);
    await (await client)?.end();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.keys()].map((database) => this.disconnect(database)));
  }

  #connect(database: string): Promise<Client> {
    const open = this.#clients.get(database);
    if (open) return open;
    const opening = this.#open(database);
    this.#clients.set(database, opening);
    const forget = () => {
      if (this.#clients.get(database) === opening) this.#clients.delete(database);
    };
    opening.then((client) => client.on("error", forget).on("end", forget), forget);
    return opening;
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
