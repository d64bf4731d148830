// The background jobs: six queues and the seven workers that work through them. Routing, on which people wait, has two.
import { hostname } from "node:os";
import { createClient } from "@redis/client";
import { type Job, Queue, Worker } from "bullmq";
import type { Database } from "../../parts/database.ts";
import type { Logger } from "../../parts/log.ts";
import type { Faults } from "./faults.ts";
import { type JobData, work } from "./work.ts";

/** The queues by name, with the workers of each. */
export const queueNames = [
  "order-routing",
  "credit-score",
  "whatsapp",
  "financial-export",
  "vendor-performance",
  "price-intelligence",
] as const;
export type QueueName = (typeof queueNames)[number];

const workerQueues: [worker: string, queue: QueueName][] = [
  ["order-routing-1", "order-routing"],
  ["order-routing-2", "order-routing"],
  ["credit-score", "credit-score"],
  ["whatsapp", "whatsapp"],
  ["financial-export", "financial-export"],
  ["vendor-performance", "vendor-performance"],
  ["price-intelligence", "price-intelligence"],
];

export interface QueueStats {
  name: string;
  waiting: number;
  active: number;
  delayed: number;
  completed: number;
  failed: number;
}

export interface WorkerStats {
  name: string;
  queue: string;
  running: boolean;
}

type KhaachoJob = Job<JobData, unknown, string>;
export type Jobs = Awaited<ReturnType<typeof openJobs>>;

const PREFIX = "khaacho";

/** @throws when Redis does not answer. */
export async function openJobs(redisUrl: string, database: Database, log: Logger, faults: Faults) {
  const client = createClient({
    url: redisUrl,
    socket: { connectTimeout: 5_000, reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 5_000) },
  });
  client.on("error", (error: Error) => log.error("Redis connection failed", { error: error.message }));
  // Each queue and worker listens to the one session, which are more than Node warns of.
  client.setMaxListeners(0);
  await client.connect();
  const options = { connection: client, prefix: PREFIX };
  const names = faults.has("queue-missing") ? queueNames.slice(0, 5) : queueNames;
  const queues = new Map(names.map((name) => [name, new Queue<JobData, unknown, string>(name, options)]));
  const wanted = faults.has("jobs-stuck") ? [] : workerQueues.slice(0, faults.has("worker-missing") ? 6 : 7);
  const workers = wanted.map(([name, queue]) => {
    const run = (job: KhaachoJob) => work(database, queue, job.data, faults);
    const worker = new Worker<JobData, unknown, string>(queue, run, { ...options, name, concurrency: 2 });
    worker.on("error", (error) => log.error("Worker failed", { worker: name, error: error.message }));
    worker.on("failed", (job, error) => {
      log.warn("Job failed", { queue, job: job?.id, attempt: job?.attemptsMade, error: error.message });
    });
    return { name, queue, worker };
  });
  await Promise.all(workers.map(({ worker }) => worker.waitUntilReady()));

  function queueOf(name: QueueName): Queue<JobData, unknown, string> {
    const queue = queues.get(name);
    if (!queue) throw new Error(`queue "${name}": not there`);
    return queue;
  }

  return {
    /** Adds a job and gives its id; three attempts, five seconds apart and doubled. */
    async add(name: QueueName, data: JobData): Promise<string> {
      const job = await queueOf(name).add(data.kind, data, {
        attempts: 3,
        backoff: { type: "exponential", delay: 5_000 },
        removeOnComplete: { age: 3_600, count: 1_000 },
        removeOnFail: { age: 7 * 24 * 3_600 },
      });
      return job.id ?? "";
    },
    /** `completed`, `failed`, `waiting` …; undefined when there is no such job. */
    async stateOf(name: QueueName, id: string): Promise<string | undefined> {
      const state = await queueOf(name).getJobState(id);
      return state === "unknown" ? undefined : state;
    },
    async stats(): Promise<{ queues: QueueStats[]; workers: WorkerStats[]; host: string }> {
      const counted = [...queues].map(async ([name, queue]): Promise<QueueStats> => {
        const {
          waiting = 0,
          active = 0,
          delayed = 0,
          completed = 0,
          failed = 0,
        } = await queue.getJobCounts();
        return { name, waiting, active, delayed, completed, failed };
      });
      return {
        queues: await Promise.all(counted),
        workers: workers.map(({ name, queue, worker }) => ({ name, queue, running: worker.isRunning() })),
        host: hostname(),
      };
    },
    /** Takes no more jobs and waits for those that run. */
    async close(): Promise<void> {
      await Promise.all(workers.map(({ worker }) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await client.close();
    },
  };
}
