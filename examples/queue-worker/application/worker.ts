// Takes steps from the queue and does them: each under its time limit, tried again after a pause, kept as a dead letter
// in the end. Several replicas do this at once. One that dies in the middle of a step leaves it to another, and a step
// that is delivered twice is still done once (record.ts).
import { setTimeout as pause } from "node:timers/promises";
import { UnrecoverableError, Worker } from "bullmq";
import { READY, type ReadyJob, type StepJob } from "./queue.ts";
import { beginAttempt, complete, fail } from "./record.ts";
import { work } from "./step.ts";
import type { System } from "./system.ts";

/** A replica that has not renewed its hold on a step for so long is taken for dead. */
const LOCK_MILLISECONDS = 4_000;
const STALLED_MILLISECONDS = 2_000;
/** A step that killed so many replicas is given up. */
const STALLS = 3;

export interface StepWorker {
  /** Takes no more steps and waits for those that run. */
  stop(): Promise<void>;
}

export function startWorker(system: System): StepWorker {
  const { settings, faults, queue } = system;
  const log = system.log.component("worker");
  if (faults.has("stuck") || (faults.has("one-replica") && system.identity.instance === "1"))
    return { stop: async () => {} };
  const worker = new Worker<StepJob, unknown, string>(READY, (job) => run(system, job), {
    connection: queue.client,
    concurrency: settings.concurrency * (faults.has("too-many-at-once") ? 3 : 1),
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: STALLED_MILLISECONDS,
    maxStalledCount: STALLS,
  });
  worker.on("error", (error) => log.error("Queue failed", { error: error.message }));
  worker.on("stalled", (id) => log.warn("Step was left by a replica that died", { step: id }));
  return {
    async stop() {
      // Forced, the running steps are left as a dead replica would leave them.
      await worker.close(faults.has("shutdown-abrupt"));
    },
  };
}

async function run(system: System, job: ReadyJob): Promise<void> {
  const id = job.id ?? "";
  await system.log.correlated(job.data.correlationId, async () => {
    if (system.faults.has("slow-pickup")) await pause(700);
    const attempt = await beginAttempt(system, id);
    if (attempt === undefined) return;
    if (attempt === 1) system.metrics.waitSeconds.observe((Date.now() - job.data.enqueuedAt) / 1000);
    const stop = system.metrics.stepSeconds.startTimer();
    try {
      await tryOnce(system, job, id, attempt);
    } finally {
      stop();
    }
  });
}

async function tryOnce(system: System, job: ReadyJob, id: string, attempt: number): Promise<void> {
  const { settings, faults, metrics } = system;
  const log = system.log.component("worker");
  const limit = Math.min(
    job.data.timeoutMilliseconds ?? settings.timeoutMilliseconds,
    settings.timeoutMilliseconds,
  );
  const signal = faults.has("timeout-off") ? new AbortController().signal : AbortSignal.timeout(limit);
  const began = performance.now();
  const handlerMilliseconds = () => performance.now() - began;
  try {
    if (faults.has("steps-fail")) throw new Error("the step could not be done");
    const result = await work(system, job.data, { id, attempt, signal });
    const took = handlerMilliseconds();
    if (faults.has("slow-overhead")) await pause(150);
    await complete(system, { id, attempt, result, handlerMilliseconds: took });
    metrics.attempts.inc({ result: "completed" });
    log.info("Step completed", { step: id, kind: job.data.kind, attempt });
  } catch (error) {
    const timedOut = signal.aborted;
    const message = timedOut
      ? `timed out after ${limit} ms`
      : error instanceof Error
        ? error.message
        : String(error);
    const last = faults.has("retry-off") || job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    await fail(system, {
      id,
      attempt,
      outcome: timedOut ? "timeout" : "failed",
      error: message.slice(0, 2_000),
      dead: last,
      handlerMilliseconds: handlerMilliseconds(),
    });
    metrics.attempts.inc({ result: timedOut ? "timeout" : "failed" });
    log.warn(last ? "Step given up" : "Step will be tried again", {
      step: id,
      kind: job.data.kind,
      attempt,
      error: message,
    });
    if (!last) throw new Error(message);
    // Before BullMQ forgets it: a replica that dies here does this again, and twice is once.
    if (!faults.has("dead-letter-off")) await system.queue.bury(id, job.data, message);
    await system.errors.report(new Error(message), { step: id, correlationId: job.data.correlationId });
    throw new UnrecoverableError(message);
  }
  if (job.data.kind === "probe" && job.data.payload.crash === "after" && attempt === 1)
    process.kill(process.pid, "SIGKILL");
}
