// Reading and setting flags where they are, with sessions that are opened at first use, again after one was lost, and closed at
// the end.
import type { Client } from "pg";
import { connect } from "../database.ts";
import { valueAt } from "../http/json-path.ts";
import { exchange } from "../http/request.ts";
import { openRedis, type RedisSession } from "../redis-client.ts";
import type { Flag, Quiet } from "./definition.ts";

/** Where flags, queues and the journal are. */
export interface Places {
  database(): Promise<Client>;
  redis(): Promise<RedisSession>;
  signal: AbortSignal;
}

export async function withPlaces<T>(
  given: Quiet,
  signal: AbortSignal,
  use: (places: Places) => Promise<T>,
): Promise<T> {
  const { databaseUrl, redisUrl, redisCaFile } = given;
  let database: Promise<Client> | undefined;
  let redis: Promise<RedisSession> | undefined;
  try {
    return await use({
      signal,
      async database() {
        if (databaseUrl === undefined) throw new Error("this stack has no database");
        const forget = () => {
          database = undefined;
        };
        database ??= connect(databaseUrl, {
          application: "quiesce",
          signal,
          statementTimeoutSeconds: 30,
        }).then(
          (client) => client.once("error", forget).once("end", forget),
          (error: unknown) => {
            forget();
            throw error;
          },
        );
        return database;
      },
      async redis() {
        if (redisUrl === undefined) throw new Error("this stack has no Redis");
        if ((await redis?.catch(() => undefined))?.isOpen !== true) redis = undefined;
        redis ??= openRedis(redisUrl, { caFile: redisCaFile, signal });
        return redis;
      },
    });
  } finally {
    await database?.then(
      (client) => client.end(),
      () => undefined,
    );
    await redis?.then(
      (session) => session.close(),
      () => undefined,
    );
  }
}

/** What PostgreSQL says of a table that is not there. */
export const UNDEFINED_TABLE = "42P01";

/**
 * The flag's value; null where there is no key in Redis.
 * @returns undefined when its table, row or address does not exist yet, as before the first release
 */
export async function readFlag(
  { name, table, redis, http }: Flag,
  places: Places,
): Promise<string | null | undefined> {
  if (table) {
    const client = await places.database();
    const text = `select ${client.escapeIdentifier(table.column)}::text as value from ${relation(client, table.table)} where ${client.escapeIdentifier(table.keyColumn)} = $1`;
    try {
      const { rows } = await client.query<{ value: string | null }>(text, [table.key]);
      return rows[0]?.value;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === UNDEFINED_TABLE) return undefined;
      throw error;
    }
  }
  if (redis) {
    const value = await (await places.redis()).send(["GET", redis.key]);
    return typeof value === "string" ? value : null;
  }
  if (!http) throw new Error("this flag has no place");
  const answer = await exchange({
    url: http.url,
    headers: http.headers,
    timeoutSeconds: 10,
    signal: places.signal,
  });
  if (answer.status === 404) return undefined;
  // Whoever refuses or is out of order says nothing about the flag, which may well be there and on.
  if (answer.status < 200 || answer.status > 299 || answer.json === undefined)
    throw new Error(
      `flag "${name}": GET ${shown(http.url)} answered ${answer.status}, want 2xx with JSON, or 404`,
    );
  const value = valueAt(answer.json, http.path);
  return value === undefined ? undefined : String(value);
}

/** @throws when it could not be set in exactly one place */
export async function setFlag(
  { name, table, redis, http }: Flag,
  value: string | null,
  places: Places,
): Promise<void> {
  if (table) {
    const client = await places.database();
    const text = `update ${relation(client, table.table)} set ${client.escapeIdentifier(table.column)} = $1 where ${client.escapeIdentifier(table.keyColumn)} = $2`;
    const { rowCount } = await client.query(text, [value, table.key]);
    if (rowCount !== 1) throw new Error(`flag "${name}": ${rowCount} rows, want 1; correct table and key`);
  } else if (redis) {
    const session = await places.redis();
    await session.send(value === null ? ["DEL", redis.key] : ["SET", redis.key, value]);
  } else if (http) {
    const answer = await exchange({
      url: http.url,
      method: http.method,
      headers: { "content-type": "application/json", ...http.headers },
      // As it stands in a text of JSON: a quote in it ends nothing, and a $ is a $.
      body: http.body.replaceAll("${value}", () => JSON.stringify(String(value)).slice(1, -1)),
      timeoutSeconds: 10,
      signal: places.signal,
    });
    if (answer.status < 200 || answer.status > 299)
      throw new Error(
        `flag "${name}": ${http.method} ${shown(http.url)} answered ${answer.status}, want 2xx`,
      );
  }
}

/** Without user, password and parameters, which may be what lets one in. */
function shown(address: string): string {
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
}

function relation(client: Client, name: string): string {
  return name
    .split(".")
    .map((part) => client.escapeIdentifier(part))
    .join(".");
}
