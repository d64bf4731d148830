// A Redis session for a check: over TLS with the given CA where the address says rediss, closed by its user.
import { readFile } from "node:fs/promises";

export interface RedisSession {
  /** Sends one command as it is. */
  send(command: string[]): Promise<unknown>;
  close(): void;
}

interface RedisOptions {
  caFile?: string | undefined;
  connectSeconds?: number;
}

/** A connected session, which the caller closes. @throws when the server cannot be reached in time (default 10 s) */
export async function openRedis(redisUrl: string, options: RedisOptions = {}): Promise<RedisSession> {
  const client = await connectRedis(redisUrl, options);
  return { send: (command) => client.sendCommand(command), close: () => client.destroy() };
}

/** The client library's own session, for libraries that build on it; the caller destroys it. */
export async function connectRedis(redisUrl: string, options: RedisOptions = {}) {
  const { createClient } = await import("@redis/client");
  const timeouts = {
    connectTimeout: (options.connectSeconds ?? 10) * 1000,
    reconnectStrategy: false as const,
  };
  const ca = options.caFile === undefined ? {} : { ca: await readFile(options.caFile) };
  const client = redisUrl.startsWith("rediss:")
    ? createClient({ url: redisUrl, socket: { ...timeouts, tls: true, ...ca } })
    : createClient({ url: redisUrl, socket: timeouts });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
