// The candidate's database of Redis.
import { openRedis } from "../redis-client.ts";

const EMPTY_SECONDS = 30;

/** Empties it before and after. Each in a session of its own: one that waits through a trial may be gone at its end. */
export async function withEmptyCache<T>(
  redisUrl: string,
  caFile: string | undefined,
  signal: AbortSignal,
  use: () => Promise<T>,
): Promise<T> {
  await empty(redisUrl, caFile, signal);
  try {
    return await use();
  } finally {
    // Also after an abort.
    await empty(redisUrl, caFile, AbortSignal.timeout(EMPTY_SECONDS * 1000));
  }
}

async function empty(redisUrl: string, caFile: string | undefined, signal: AbortSignal): Promise<void> {
  const session = await openRedis(redisUrl, { caFile, signal });
  await session.send(["FLUSHDB"]).finally(() => session.close());
}
