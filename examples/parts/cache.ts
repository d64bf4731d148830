// What is remembered for seconds, e.g. request counts. In Redis, so that every process shares it, or in memory where an
// application has no Redis.
import { createClient } from "@redis/client";
import type { PartFaults } from "./faults.ts";
import type { Logger } from "./log.ts";

export interface Cache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlSeconds: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Adds one and returns the count and what is left of its window, which the first call opens. */
  count(key: string, windowMilliseconds: number): Promise<{ current: number; ttl: number }>;
  /** @throws when the store does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

// One call, so that a count can never be left without its expiry.
const countScript = `
local current = redis.call('INCR', KEYS[1])
if current == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {current, redis.call('PTTL', KEYS[1])}`;

/** @param prefix of every key, e.g. `hv:`; applications may share a Redis. */
export async function openCache(
  url: string | undefined,
  prefix: string,
  log: Logger,
  faults: PartFaults,
): Promise<Cache> {
  const cache = url ? await openRedis(url, prefix, log) : openMemory();
  return faults.has("cache-off") ? { ...cache, get: async () => null, set: async () => {} } : cache;
}

async function openRedis(url: string, prefix: string, log: Logger): Promise<Cache> {
  const client = createClient({
    url,
    // A request must not wait for a store that is away: it fails, and the request goes on without the cache.
    disableOfflineQueue: true,
    socket: { connectTimeout: 5_000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 5_000) },
  });
  client.on("error", (error: Error) => log.warn("Redis connection failed", { error: error.message }));
  await client.connect();
  return {
    get: (key) => client.get(prefix + key),
    async set(key, value, ttlSeconds) {
      await client.set(prefix + key, value, { expiration: { type: "EX", value: ttlSeconds } });
    },
    async remove(key) {
      await client.del(prefix + key);
    },
    async count(key, windowMilliseconds) {
      const reply = await client.eval(countScript, {
        keys: [prefix + key],
        arguments: [String(windowMilliseconds)],
      });
      const [current, ttl] = Array.isArray(reply) ? reply.map(Number) : [];
      if (current === undefined || ttl === undefined)
        throw new Error(`redis: count of "${key}" has no answer`);
      return { current, ttl };
    },
    async ping() {
      await client.ping();
    },
    close: () => client.close(),
  };
}

function openMemory(): Cache {
  const entries = new Map<string, { value: string; until: number }>();
  const live = (key: string) => {
    const entry = entries.get(key);
    if (entry && entry.until > Date.now()) return entry;
    entries.delete(key);
    return undefined;
  };
  return {
    get: async (key) => live(key)?.value ?? null,
    async set(key, value, ttlSeconds) {
      entries.set(key, { value, until: Date.now() + ttlSeconds * 1000 });
    },
    async remove(key) {
      entries.delete(key);
    },
    async count(key, windowMilliseconds) {
      const entry = live(key) ?? { value: "0", until: Date.now() + windowMilliseconds };
      const current = Number(entry.value) + 1;
      entries.set(key, { ...entry, value: String(current) });
      return { current, ttl: entry.until - Date.now() };
    },
    ping: async () => {},
    close: async () => {},
  };
}
