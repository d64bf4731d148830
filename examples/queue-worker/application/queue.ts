// The queue `step.ready` in Redis, kept by BullMQ, and `step.dead` for steps that were given up.
// BullMQ's list of what waits is `bull:step.ready:wait`: its length is the queue's depth.
import { setTimeout } from "node:timers/promises";
import { createClient } from "@redis/client";
import { type Job, Queue } from "bullmq";
import type { Logger } from "../../parts/log.ts";
import type { StepRequest } from "./step.ts";

export const READY = "step.ready";
export const DEAD = "step.dead";

/** What a job carries; the rest of a step is in the database. */
export type StepJob = StepRequest & { correlationId: string; enqueuedAt: number };

/** What stands behind a step that was given up. */
export interface DeadStep {
  job: StepJob;
  error: string;
}

export type StepQueue = Awaited<ReturnType<typeof openQueue>>;
export type ReadyJob = Job<StepJob, unknown, string>;

/** How long a replica may take to put a step down that it has given up. */
const SETTLED_MILLISECONDS = 10_000;

/** Removes the job of a step that was given up, once its replica has put it down: until then a new one would be no new one. */
async function removeFailed(ready: Queue<StepJob, unknown, string>, id: string): Promise<void> {
  const deadline = performance.now() + SETTLED_MILLISECONDS;
  while (await ready.getJob(id)) {
    if (performance.now() > deadline) throw new Error(`step "${id}": still held by its replica; try again`);
    if ((await ready.getJobState(id)) === "failed") await ready.remove(id);
    else await setTimeout(50);
  }
}

export interface QueueSettings {
  redisUrl: string;
  /** In all, the first one included. */
  attempts: number;
  backoffMilliseconds: number;
}

/**
 * @param failed called for each connection that fails.
 * @throws when Redis does not answer.
 */
export async function openQueue(settings: QueueSettings, log: Logger, failed: () => void) {
  const client = createClient({
    url: settings.redisUrl,
    socket: { connectTimeout: 5_000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 5_000) },
  });
  client.on("error", (error: Error) => {
    failed();
    log.error("Redis connection failed", { error: error.message });
  });
  await client.connect();
  const ready = new Queue<StepJob, unknown, string>(READY, { connection: client });
  const dead = new Queue<DeadStep, unknown, string>(DEAD, { connection: client });
  // A queue that could not get ready stays unusable for good: such a replica may not start.
  await Promise.all([ready.waitUntilReady(), dead.waitUntilReady()]);

  /** The step's id is the job's: asking twice for one step queues it once. */
  async function add(id: string, job: StepJob): Promise<void> {
    await ready.add(job.kind, job, {
      jobId: id,
      attempts: Math.min(job.attempts ?? settings.attempts, settings.attempts),
      backoff: { type: "fixed", delay: settings.backoffMilliseconds },
      // The database remembers what was done; the queue only for as long as somebody may look for a failure.
      removeOnComplete: true,
      removeOnFail: { age: 7 * 24 * 3600 },
    });
  }

  return {
    client,
    add,
    /** Keeps a step that was given up; twice is once. */
    async bury(id: string, job: StepJob, error: string): Promise<void> {
      await dead.add(job.kind, { job, error }, { jobId: id });
    },
    /** Takes a step out of the dead letters and queues it with a new set of attempts; false when it is not there. */
    async revive(id: string): Promise<boolean> {
      const buried = await dead.getJob(id);
      if (!buried) return false;
      await removeFailed(ready, id);
      await add(id, { ...buried.data.job, enqueuedAt: Date.now() });
      await buried.remove();
      return true;
    },
    /** Forgets a step wherever it waits. One that runs is left to its replica, which forgets it when it is done. */
    async forget(id: string): Promise<void> {
      await ready.remove(id);
      await dead.remove(id);
    },
    /** Steps by state now. */
    async depths(): Promise<{ wait: number; active: number; delayed: number; dead: number }> {
      const counts = await ready.getJobCounts("wait", "active", "delayed");
      const buried = await dead.getJobCounts("wait");
      return {
        wait: counts.wait ?? 0,
        active: counts.active ?? 0,
        delayed: counts.delayed ?? 0,
        dead: buried.wait ?? 0,
      };
    },
    async close(): Promise<void> {
      await ready.close();
      await dead.close();
      await client.close();
    },
  };
}
