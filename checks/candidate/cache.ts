// The candidate's database of Redis.
import { openRedis } from "../redis-client.ts";

/** Empties it before and after. Each in a session of its own: one that waits through a trial may be gone at its end. */
export async function withEmptyCache<T>(
  redisUrl: string,
  caFile: string | undefined,
  use: () => Promise<T>,
): Promise<T> {
  await empty(redisUrl, caFile);
  try {
    return await use();
  } finally {
    await empty(redisUrl, caFile);
  }
}

async function empty(redisUrl: string, caFile: string | undefined): Promise<void> {
  const session = await openRedis(redisUrl, { caFile });
  await session.send(["FLUSHDB"]).finally(() => session.close());
}
