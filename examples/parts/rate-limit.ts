// The counts of the rate limit in the application's cache, so that they hold over all its processes.
import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from "@fastify/rate-limit";
import type { Cache } from "./cache.ts";

export function rateLimitStore(cache: Cache): FastifyRateLimitStoreCtor {
  class CacheStore implements FastifyRateLimitStore {
    incr(
      key: string,
      callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
      timeWindow?: number,
    ): void {
      cache.count(`rate:${key}`, timeWindow ?? 60_000).then(
        (result) => callback(null, result),
        (error: Error) => callback(error),
      );
    }
    child(): FastifyRateLimitStore {
      return this;
    }
  }
  return CacheStore;
}
