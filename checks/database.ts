// The one way in which checks reach PostgreSQL: a named session, TLS as libpq understands its settings, time limits, and a
// statement that is cancelled on the server when the check is aborted. It decides nothing about what is asked.
import { readFile } from "node:fs/promises";
import type { Client, ClientConfig } from "pg";
import { percentDecoded } from "./percent-encoding.ts";
import { messageOf } from "./step/message.ts";

export interface ConnectOptions {
  /** What `pg_stat_activity` shows after `greenlight/`, e.g. `migration`. */
  application: string;
  /** Cancels the running statement on the server and closes the session. */
  signal: AbortSignal;
  /** @default 10 */
  connectTimeoutSeconds?: number;
  /** Limit of one statement; 0 is none. @default 0 */
  statementTimeoutSeconds?: number;
  /** Another database of the same server. @default the address's own */
  database?: string;
  /** Of the session from its beginning: what RESET ALL leaves. */
  settings?: Settings;
}

type Settings = { [name: string]: string };

/**
 * For a session with limits of its own: without those that a role or a database has for its application's. Since version 17 there
 * is one for a whole transaction.
 */
export const NO_TIME_LIMITS = `select ${[
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "idle_session_timeout",
]
  .map((name) => `set_config('${name}', '0', false)`)
  .join(", ")},
  case when current_setting('transaction_timeout', true) is not null then set_config('transaction_timeout', '0', false) end`;

/** No session could be had: not there, not reachable, not let in. One line with the address, the cause and what to look at. */
export class Unreachable extends Error {}

type Environment = { [name: string]: string | undefined };
// Parameters of libpq that are settled here and that the driver would read in its own way.
const TLS_PARAMETERS = ["sslmode", "sslrootcert", "sslcert", "sslkey", "uselibpqcompat"];

/** `host:port/database`, for messages; never the user's password. */
export function addressOf(databaseUrl: string): string {
  const url = parse(databaseUrl);
  return `${url.hostname}:${url.port || 5432}${url.pathname}`;
}

/** The address without password and parameters: what identifies a database across a change of credentials. */
export function identityOf(databaseUrl: string): string {
  const url = parse(databaseUrl);
  return `${decodeURIComponent(url.username)}@${url.hostname}:${url.port || 5432}${url.pathname}`;
}

/**
 * An open session; the caller ends it, best through {@link withDatabase}.
 * @throws Unreachable
 */
export async function connect(databaseUrl: string, options: ConnectOptions): Promise<Client> {
  const { Client } = await import("pg");
  options.signal.throwIfAborted();
  const client = new Client({
    ...(await configOf(databaseUrl, process.env, options.database, options.settings)),
    application_name: `greenlight/${options.application}`,
    connectionTimeoutMillis: (options.connectTimeoutSeconds ?? 10) * 1000,
    keepAlive: true,
    ...(options.statementTimeoutSeconds
      ? { statement_timeout: Math.round(options.statementTimeoutSeconds * 1000) }
      : {}),
  });
  // Without a listener a connection lost between two statements would end the process; the next statement reports it.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new Unreachable(
      `database "${addressOf(databaseUrl)}": ${messageOf(error)}, want a session; ${adviceFor(error)}`,
      { cause: error },
    );
  }
  return client;
}

/** Runs `use` with a session that is closed afterwards; an abort cancels what the session is doing on the server. */
export async function withDatabase<T>(
  databaseUrl: string,
  options: ConnectOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(databaseUrl, options);
  const cancelled = { done: Promise.resolve() };
  const cancel = () => {
    cancelled.done = cancelBackend(databaseUrl, options, client);
  };
  options.signal.addEventListener("abort", cancel, { once: true });
  try {
    return await use(client);
  } finally {
    options.signal.removeEventListener("abort", cancel);
    await cancelled.done;
    // A lost connection cannot be closed in an orderly way, and that must not hide why it was lost.
    await client.end().catch(() => {});
  }
}

/** Closing the socket would leave the statement running, and it might commit after the step was reported as failed. */
async function cancelBackend(databaseUrl: string, options: ConnectOptions, client: Client): Promise<void> {
  try {
    const other = await connect(databaseUrl, {
      ...options,
      application: `${options.application} (cancel)`,
      signal: AbortSignal.timeout(5_000),
      connectTimeoutSeconds: 5,
    });
    try {
      await other.query("select pg_cancel_backend($1)", [processIdOf(client)]);
    } finally {
      await other.end();
    }
  } catch {
    client.connection.stream.destroy();
  }
}

/** The server's process id of the session, as in `pg_stat_activity`. */
export function processIdOf(client: Client): number {
  return "processID" in client && typeof client.processID === "number" ? client.processID : 0;
}

/** @throws when the address is no `postgresql://` URL, or its CA file cannot be read */
export async function configOf(
  databaseUrl: string,
  environment: Environment,
  database?: string,
  settings: Settings = {},
): Promise<ClientConfig> {
  const url = parse(databaseUrl);
  const mode = url.searchParams.get("sslmode") ?? environment.PGSSLMODE;
  const rootCert = url.searchParams.get("sslrootcert") ?? environment.PGSSLROOTCERT;
  if (url.searchParams.has("sslcert") || url.searchParams.has("sslkey"))
    throw new Error(
      `database "${addressOf(databaseUrl)}": client certificates are not supported; use a password`,
    );
  for (const parameter of TLS_PARAMETERS) url.searchParams.delete(parameter);
  const set = Object.entries(settings).map(
    ([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`,
  );
  if (set.length > 0)
    url.searchParams.set("options", [url.searchParams.get("options") ?? [], set].flat().join(" "));
  // In parts: of a whole address the driver leaves a few signs of the database's name as they are written, e.g. %23 for #.
  const part = (text: string) => decodeURIComponent(text) || undefined;
  return {
    host: part(url.hostname.replace(/^\[(.+)\]$/, "$1")),
    port: url.port === "" ? undefined : Number(url.port),
    user: part(url.username),
    password: part(url.password),
    ...Object.fromEntries(url.searchParams),
    database: database ?? part(url.pathname.slice(1)),
    ssl: await tlsOf(url, mode, rootCert),
  };
}

/**
 * The modes of libpq, with one difference: `require` without a CA file trusts the system's authorities instead of anybody.
 * Loopback without a mode is plain; every other host is asked for TLS.
 */
async function tlsOf(
  url: URL,
  mode: string | undefined,
  rootCert: string | undefined,
): Promise<ClientConfig["ssl"]> {
  if (mode === "disable") return false;
  if (mode === undefined && rootCert === undefined && isLoopback(url.hostname)) return false;
  if (rootCert === undefined || rootCert === "system") return { rejectUnauthorized: true };
  const ca = await readFile(rootCert, "utf8").catch((error: Error) => {
    throw new Error(`sslrootcert: ${error.message}; correct the path of the server's CA`);
  });
  return mode === "verify-full"
    ? { ca, rejectUnauthorized: true }
    : { ca, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function isLoopback(host: string): boolean {
  return host === "" || host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

function parse(databaseUrl: string): URL {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol))
    throw new Error("databaseUrl must be an address postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
  if ([url.username, url.password, url.pathname].some((part) => percentDecoded(part) === undefined))
    throw new Error(
      "databaseUrl has a % that begins no character in user, password or database; write it %25",
    );
  return url;
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "28P01" || code === "28000") return "check user, password and pg_hba.conf";
  if (code === "3D000") return "create the database or correct its name";
  if (code === "53300") return "raise max_connections or end idle sessions";
  if (code === "57P03") return "the server is starting or stopping, try again when it is up";
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|LEAF_SIGNATURE/.test(code))
    return "name the server's CA in sslrootcert or PGSSLROOTCERT";
  return "check host, port, network and that the server runs";
}
