// A Redis session for a check: over TLS with the given CA where the address says rediss, closed by its user.
import { readFile } from "node:fs/promises";
import type { RedisClient } from "@redis/client";

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

// The library defines its 400 commands anew for each address of `createClient`, which takes longer than to connect.
let factory: ReturnType<typeof RedisClient.factory> | undefined;

/** The client library's own session, for libraries that build on it; the caller destroys it. */
export async function connectRedis(redisUrl: string, options: RedisOptions = {}) {
  factory ??= (await import("@redis/client")).RedisClient.factory();
  const { connectSeconds = 10 } = options;
  const timeouts = {
    connectTimeout: connectSeconds * 1000,
    reconnectStrategy: false as const,
  };
  const ca = options.caFile === undefined ? {} : { ca: await readFile(options.caFile) };
  const client = redisUrl.startsWith("rediss:")
    ? factory({ url: redisUrl, socket: { ...timeouts, tls: true, ...ca } })
    : factory({ url: redisUrl, socket: timeouts });
  client.on("error", () => undefined);
  // The library's own limit ends with the connection: a server that then says nothing would hold it, and this process, for good.
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    client.destroy();
  }, timeouts.connectTimeout);
  try {
    await client.connect();
  } catch (error) {
    throw isLate ? new Error(`redis: no answer within ${connectSeconds} s, want a greeting`) : error;
  } finally {
    clearTimeout(late);
  }
  return client;
}
