// What /metrics tells Prometheus: the eight families of the checklist and what the alarms need. Counters are of this
// process; the queue's gauges are read from the database at each scrape.
import { Counter, Gauge, Histogram } from "prom-client";
import { type BaseMetrics, secondsBuckets } from "../../parts/metrics.ts";
import type { Faults } from "./faults.ts";
import { requests } from "./work/kinds.ts";

export type Metrics = ReturnType<typeof createMetrics>;

/** @param countByState how many jobs are in each state now. */
export function createMetrics(
  base: BaseMetrics,
  countByState: () => Promise<ReadonlyMap<string, number>>,
  faults: Faults,
) {
  const { registry } = base;
  const registers = [registry];
  new Gauge({
    name: "hv_queue_jobs",
    help: "Jobs in the queue by state",
    labelNames: ["estado"],
    registers,
    async collect() {
      for (const [estado, total] of await countByState()) {
        this.set({ estado }, faults.has("metrics-wrong") ? total + 7 : total);
      }
    },
  });
  const jobSeconds = new Histogram({
    name: "hv_job_duration_seconds",
    help: "Time a job took, by kind and result (completed, retried, failed)",
    labelNames: ["tipo", "resultado"],
    buckets: [...secondsBuckets, 60, 300],
    registers,
  });
  const passGap = new Histogram({
    name: "hv_queue_pass_gap_seconds",
    help: "Time from one pass of the queue's interval to the next",
    buckets: [0.5, 1.5, 5, 9, 10.5, 12, 20, 60],
    registers,
  });
  const deliveries = new Counter({
    name: "hv_deliveries_total",
    help: "Messages that left the system, by channel (email, slack, webhook) and result (success, failed)",
    labelNames: ["canal", "resultado"],
    registers,
  });
  // Results exist from the start: a rate needs a zero, not an absence.
  for (const tipo of Object.keys(requests)) {
    for (const resultado of ["completed", "retried", "failed"]) jobSeconds.zero({ tipo, resultado });
  }
  for (const canal of ["email", "slack", "webhook"]) {
    for (const resultado of ["success", "failed"]) deliveries.inc({ canal, resultado }, 0);
  }
  if (faults.has("metrics-missing")) {
    registry.removeSingleMetric("hv_deliveries_total");
    registry.removeSingleMetric("hv_queue_jobs");
  }
  return { ...base, jobSeconds, passGap, deliveries };
}
