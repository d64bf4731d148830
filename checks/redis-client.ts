// A Redis session for a check: over TLS with the given CA where the address says rediss, closed by its user or at the deadline.
import { readFile } from "node:fs/promises";
import type { RedisClient } from "@redis/client";

export interface RedisSession {
  /** Sends one command as it is. */
  send(command: string[]): Promise<unknown>;
  /** False once it was closed, lost, or ended by its signal. */
  readonly isOpen: boolean;
  close(): void;
}

interface RedisOptions {
  caFile?: string | undefined;
  /** @default 10 */
  connectSeconds?: number;
  /** Ends the session and whatever it waits for: the client itself waits for an answer for ever. */
  signal: AbortSignal;
}

/** A connected session, which the caller closes. @throws when the server cannot be reached in time, or the signal's reason */
export async function openRedis(redisUrl: string, options: RedisOptions): Promise<RedisSession> {
  const { signal } = options;
  const client = await connectRedis(redisUrl, options);
  return {
    async send(command) {
      try {
        return await client.sendCommand(command);
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
    get isOpen() {
      return client.isOpen;
    },
    close: () => closeRedis(client),
  };
}

/** Also one that the server or the signal has closed. */
export function closeRedis(client: Awaited<ReturnType<typeof connectRedis>>): void {
  if (client.isOpen) client.destroy();
}

// The library defines its 400 commands anew for each address of `createClient`, which takes longer than to connect.
let factory: ReturnType<typeof RedisClient.factory> | undefined;

/** The client library's own session, for libraries that build on it; {@link closeRedis} ends it. */
export async function connectRedis(redisUrl: string, options: RedisOptions) {
  const { signal, connectSeconds = 10 } = options;
  factory ??= (await import("@redis/client")).RedisClient.factory();
  const timeouts = {
    connectTimeout: connectSeconds * 1000,
    reconnectStrategy: false as const,
  };
  const ca = options.caFile === undefined ? {} : { ca: await readFile(options.caFile) };
  signal.throwIfAborted();
  const client = redisUrl.startsWith("rediss:")
    ? factory({ url: redisUrl, socket: { ...timeouts, tls: true, ...ca } })
    : factory({ url: redisUrl, socket: timeouts });
  client.on("error", () => undefined);
  const stop = () => closeRedis(client);
  // The library's own limit ends with the connection: a server that then says nothing would hold it, and this process, for good.
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    stop();
  }, timeouts.connectTimeout);
  client.once("end", () => signal.removeEventListener("abort", stop));
  signal.addEventListener("abort", stop, { once: true });
  try {
    await client.connect();
  } catch (error) {
    signal.removeEventListener("abort", stop);
    signal.throwIfAborted();
    throw isLate ? new Error(`redis: no answer within ${connectSeconds} s, want a greeting`) : error;
  } finally {
    clearTimeout(late);
  }
  return client;
}
