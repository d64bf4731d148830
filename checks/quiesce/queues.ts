// Queues: how much is being worked on, and BullMQ's own pause.
import { numberFrom } from "../measures/reader.ts";
import { closeRedis, connectRedis } from "../redis-client.ts";
import type { Queue, Quiet } from "./definition.ts";
import type { Places } from "./places.ts";

/** What is not finished yet. */
export async function countOf(queue: Queue, given: Quiet, places: Places): Promise<number> {
  if (queue.sql !== undefined) return numberFrom(await places.database(), queue.sql);
  if (queue.redisList !== undefined)
    return Number(await (await places.redis()).send(["LLEN", queue.redisList]));
  return withBull(
    queue,
    given,
    places.signal,
    async (bull) => (await bull.getJobCounts("active")).active ?? 0,
  );
}

const KEYS = ["meta", "id", "events", "wait", "active", "delayed", "prioritized", "completed", "failed"];

/** False for a BullMQ queue of which Redis knows nothing: one of that name was never written to. */
export async function isThere({ bullmq }: Queue, places: Places): Promise<boolean> {
  if (!bullmq) return true;
  const keys = KEYS.map((key) => `${bullmq.prefix}:${bullmq.queue}:${key}`);
  return Number(await (await places.redis()).send(["EXISTS", ...keys])) > 0;
}

/** Pauses or resumes a BullMQ queue; the others have flags for that. @returns whether it was paused before */
export async function setPaused(
  queue: Queue,
  paused: boolean,
  given: Quiet,
  signal: AbortSignal,
): Promise<boolean> {
  return withBull(queue, given, signal, async (bull) => {
    const before = await bull.isPaused();
    if (paused) await bull.pause();
    else await bull.resume();
    return before;
  });
}

/** Whether a BullMQ queue is paused. */
export function isPaused(queue: Queue, given: Quiet, signal: AbortSignal): Promise<boolean> {
  return withBull(queue, given, signal, (bull) => bull.isPaused());
}

async function withBull<T>(
  queue: Queue,
  { redisUrl, redisCaFile }: Quiet,
  signal: AbortSignal,
  use: (bull: import("bullmq").Queue) => Promise<T>,
): Promise<T> {
  if (!queue.bullmq) throw new Error(`queue "${queue.name}": no BullMQ queue`);
  if (redisUrl === undefined) throw new Error("this stack has no Redis");
  const { Queue: BullQueue } = await import("bullmq");
  const connection = await connectRedis(redisUrl, { caFile: redisCaFile, signal });
  // The queue's own limits, which are the application's, would be written over with this library's usual ones.
  const bull = new BullQueue(queue.bullmq.queue, {
    prefix: queue.bullmq.prefix,
    connection,
    skipMetasUpdate: true,
  });
  bull.on("error", () => undefined);
  try {
    return await use(bull);
  } finally {
    await bull.close();
    closeRedis(connection);
  }
}
