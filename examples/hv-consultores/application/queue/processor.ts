// Works through the queue: takes what is due, runs each job under its time limit, and settles it as completed, to be
// tried again, or failed. Several processes may do this at once; no job is given to two of them.
import { type Database, service } from "../../../parts/database.ts";
import type { Logger } from "../../../parts/log.ts";
import type { Faults } from "../faults.ts";
import type { Features } from "../features.ts";
import type { Metrics } from "../metrics.ts";
import type { Settings } from "../settings.ts";
import { backoffSeconds, type Job } from "./job.ts";

/** Does the work of one job and returns its result. Must end when the signal is aborted. */
export type RunJob = (job: Job, signal: AbortSignal) => Promise<unknown>;

/** How the jobs of one pass ended. */
export interface Pass {
  claimed: number;
  completed: number;
  retried: number;
  failed: number;
}

/** A pass that has begun. */
export interface Begun {
  claimed: number;
  /** Resolves when the jobs are settled, which may take as long as the slowest of them. */
  settled: Promise<Pass>;
}

export interface Processor {
  /** Takes due jobs now and resolves when they are taken. */
  begin(): Promise<Begun>;
  /** Takes due jobs now and resolves when these are settled. */
  pass(): Promise<Pass>;
  /** Takes due jobs soon, without waiting for them: a job that somebody just asked for need not wait for the interval. */
  nudge(): void;
  /** Takes no more jobs, aborts the running ones (they are tried again later) and waits for them. */
  stop(): Promise<void>;
}

interface Parts {
  settings: Settings["queue"];
  database: Database;
  features: Features;
  metrics: Metrics;
  log: Logger;
  faults: Faults;
  /** Called when counts have changed. */
  changed: () => Promise<void>;
}

type Outcome = "completed" | "retried" | "failed";

// A job that is "processing" this much longer than its limit was left by a process that died.
const graceMilliseconds = 60_000;

export function startProcessor(parts: Parts, run: RunJob): Processor {
  const { settings, database, features, metrics, log, faults } = parts;
  const running = new Set<Promise<Outcome>>();
  const passes = new Set<Promise<unknown>>();
  const stopping = new AbortController();

  async function pass(): Promise<Pass> {
    return await (await begin()).settled;
  }

  function begin(): Promise<Begun> {
    const taken = take();
    // A stop waits for both halves: for jobs that are just being taken, and for those that run.
    hold(taken);
    return taken.then((jobs) => {
      const settled = settleAll(jobs);
      hold(settled);
      return { claimed: jobs.length, settled };
    });
  }

  function hold(work: Promise<unknown>): void {
    passes.add(work);
    const forget = () => passes.delete(work);
    work.then(forget, forget);
  }

  async function take(): Promise<Job[]> {
    const room = settings.batchSize - running.size;
    if (stopping.signal.aborted || room <= 0 || faults.has("processor-stuck")) return [];
    if (!(await features.isOn("job_queue"))) return [];
    await recover();
    if (stopping.signal.aborted) return [];
    return await database.query<Job>(service, "SELECT * FROM obtener_trabajos_pendientes($1)", [room]);
  }

  async function settleAll(jobs: Job[]): Promise<Pass> {
    const done: Pass = { claimed: jobs.length, completed: 0, retried: 0, failed: 0 };
    if (jobs.length === 0) return done;
    log.info("Queue processing started", { job_count: jobs.length });
    const outcomes = await Promise.all(jobs.map(track));
    for (const outcome of outcomes) done[outcome] += 1;
    await parts.changed();
    const { claimed: job_count, ...counts } = done;
    log.info("Queue processing finished", { job_count, ...counts });
    return done;
  }

  function track(job: Job): Promise<Outcome> {
    const work = settle(job);
    running.add(work);
    return work.finally(() => running.delete(work));
  }

  async function settle(job: Job): Promise<Outcome> {
    const stop = metrics.jobSeconds.startTimer({ tipo: job.tipo });
    const outcome = await attempt(job).then(
      (result) => finish(job, result),
      (error: unknown) => postpone(job, error instanceof Error ? error.message : String(error)),
    );
    stop({ resultado: outcome });
    return outcome;
  }

  async function attempt(job: Job): Promise<unknown> {
    const milliseconds = Math.min(
      job.limite_ms ?? settings.timeoutMilliseconds,
      settings.timeoutMilliseconds,
    );
    const limit = faults.has("timeout-off")
      ? new AbortController().signal
      : AbortSignal.timeout(milliseconds);
    const signal = AbortSignal.any([limit, stopping.signal]);
    const aborted = new Promise<never>((_, reject) => {
      const refuse = () => {
        reject(new Error(limit.aborted ? `timed out after ${milliseconds} ms` : "stopped with its process"));
      };
      if (signal.aborted) refuse();
      else signal.addEventListener("abort", refuse, { once: true });
    });
    const work = faults.has("jobs-fail")
      ? Promise.reject(new Error("the job could not be run"))
      : run(job, signal);
    // The race is the limit also for work that does not listen to its signal.
    return await Promise.race([work, aborted]);
  }

  // `intentos` in the conditions: an attempt that was given up as lost must not settle a later one.
  async function finish(job: Job, result: unknown): Promise<Outcome> {
    await database.query(
      service,
      `UPDATE queue_jobs SET estado = 'completed', resultado = $3, error = NULL, completado_en = clock_timestamp()
       WHERE id = $1 AND intentos = $2 AND estado = 'processing'`,
      [job.id, job.intentos, JSON.stringify(result ?? null)],
    );
    return "completed";
  }

  async function postpone(job: Job, error: string): Promise<Outcome> {
    const again = job.intentos <= job.max_reintentos && !faults.has("retry-off");
    const seconds = backoffSeconds(settings.backoffBaseSeconds, job.intentos);
    await database.query(
      service,
      `UPDATE queue_jobs SET estado = $3, error = $4, proxima_tentativa = clock_timestamp() + make_interval(secs => $5)
       WHERE id = $1 AND intentos = $2 AND estado = 'processing'`,
      [job.id, job.intentos, again ? "pending" : "failed", error.slice(0, 2_000), again ? seconds : 0],
    );
    const facts = { job_id: job.id, tipo: job.tipo, attempt: job.intentos, error };
    if (again) log.warn("Job will be retried", { ...facts, in_seconds: seconds });
    else log.warn("Job failed for good", facts);
    return again ? "retried" : "failed";
  }

  /** Gives back what a process that died had taken. */
  async function recover(): Promise<void> {
    const rows = await database.query<{ id: string }>(
      service,
      `UPDATE queue_jobs
       SET estado = CASE WHEN intentos > max_reintentos THEN 'failed' ELSE 'pending' END,
           error = 'its process ended', proxima_tentativa = now()
       WHERE estado = 'processing'
         AND iniciado_en < now() - make_interval(secs => (LEAST(limite_ms, $1) + $2) / 1000.0)
       RETURNING id`,
      [settings.timeoutMilliseconds, graceMilliseconds],
    );
    if (rows.length > 0) log.warn("Lost jobs were taken back", { job_count: rows.length });
  }

  const passAlone = () => {
    pass().catch((error: Error) => log.error("Queue processing failed", { error: error.message }));
  };
  let passedAt = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    metrics.passGap.observe((now - passedAt) / 1_000);
    passedAt = now;
    passAlone();
  }, settings.intervalSeconds * 1_000);

  return {
    begin,
    pass,
    nudge: () => setImmediate(passAlone),
    async stop() {
      clearInterval(timer);
      stopping.abort();
      while (passes.size > 0) await Promise.allSettled(passes);
    },
  };
}
