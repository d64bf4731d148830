// What /metrics tells Prometheus. Counters and times are of this replica; the queue's gauges are read at each scrape and
// are the same for all.
import { Counter, Gauge, Histogram } from "prom-client";
import { createBaseMetrics, secondsBuckets } from "../../parts/metrics.ts";
import type { Faults } from "./faults.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/** @param depths how many steps are in each state of the queue now. */
export function createMetrics(
  depths: () => Promise<Readonly<Record<string, number>>>,
  logFolder: string,
  faults: Faults,
) {
  const base = createBaseMetrics("worker", logFolder);
  const registers = [base.registry];
  new Gauge({
    name: "worker_uptime_seconds",
    help: "Time since this replica started",
    registers,
    collect() {
      this.set(process.uptime());
    },
  });
  new Gauge({
    name: "worker_queue_depth",
    help: "Steps in the queue by state (wait, active, delayed, dead)",
    labelNames: ["state"],
    registers,
    async collect() {
      for (const [state, count] of Object.entries(await depths()))
        this.set({ state }, faults.has("metrics-wrong") ? count + 7 : count);
    },
  });
  const metrics = {
    ...base,
    attempts: new Counter({
      name: "worker_steps_total",
      help: "Attempts at steps by result (completed, failed, timeout)",
      labelNames: ["result"],
      registers,
    }),
    stepSeconds: new Histogram({
      name: "worker_step_duration_seconds",
      help: "Time of an attempt, overhead included",
      buckets: [...secondsBuckets, 30],
      registers,
    }),
    waitSeconds: new Histogram({
      name: "worker_queue_latency_seconds",
      help: "Time from being asked for to the first attempt",
      buckets: [...secondsBuckets, 30],
      registers,
    }),
    redisErrors: new Counter({
      name: "worker_redis_connection_errors_total",
      help: "Connections to Redis that failed",
      registers,
    }),
  };
  // All results exist from the start: a rate needs a zero, not an absence.
  for (const result of ["completed", "failed", "timeout"]) metrics.attempts.inc({ result }, 0);
  if (faults.has("metrics-missing")) base.registry.removeSingleMetric("worker_steps_total");
  return metrics;
}
