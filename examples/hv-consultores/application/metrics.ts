// What /metrics tells Prometheus: the eight families of the checklist and what the alarms need. Counters are of this
// process; the queue's gauges are read from the database at each scrape.
import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Faults } from "./faults.ts";

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

/** @param countByState how many jobs are in each state now. */
export function createMetrics(
  countByState: () => Promise<ReadonlyMap<string, number>>,
  logFolder: string,
  faults: Faults,
) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

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
  new Gauge({
    name: "hv_memory_usage_percent",
    help: "Memory of the machine in use",
    registers,
    collect() {
      this.set(100 * (1 - freemem() / totalmem()));
    },
  });
  new Gauge({
    name: "hv_cpu_usage_percent",
    help: "Processor time this process used since the last scrape, per cent of one processor",
    registers,
    collect: cpuCollector(),
  });
  new Gauge({
    name: "hv_disk_free_percent",
    help: "Free space of the file system with the log",
    registers,
    async collect() {
      const disk = await statfs(logFolder);
      this.set((100 * disk.bavail) / disk.blocks);
    },
  });

  const jobSeconds = new Histogram({
    name: "hv_job_duration_seconds",
    help: "Time a job took, by kind and result (completed, retried, failed)",
    labelNames: ["tipo", "resultado"],
    buckets: [...seconds, 60, 300],
    registers,
  });
  const deliveries = new Counter({
    name: "hv_deliveries_total",
    help: "Messages that left the system, by channel (email, slack, webhook) and result (success, failed)",
    labelNames: ["canal", "resultado"],
    registers,
  });
  const requestSeconds = new Histogram({
    name: "hv_http_request_duration_seconds",
    help: "Time to answer a request, by method, route and status",
    labelNames: ["method", "route", "status"],
    buckets: seconds,
    registers,
  });
  const querySeconds = new Histogram({
    name: "hv_database_query_duration_seconds",
    help: "Time of a statement as the application saw it",
    buckets: seconds,
    registers,
  });
  const connectionErrors = new Counter({
    name: "hv_database_connection_errors_total",
    help: "Connections to the database that failed",
    registers,
  });
  // Both results of every channel exist from the start: a rate needs a zero, not an absence.
  for (const canal of ["email", "slack", "webhook"]) {
    for (const resultado of ["success", "failed"]) deliveries.inc({ canal, resultado }, 0);
  }
  if (faults.has("metrics-missing")) {
    registry.removeSingleMetric("hv_deliveries_total");
    registry.removeSingleMetric("hv_queue_jobs");
  }
  return { registry, jobSeconds, deliveries, requestSeconds, querySeconds, connectionErrors };
}

function cpuCollector(): (this: Gauge) => void {
  let last = { at: performance.now(), usage: process.cpuUsage() };
  return function collect() {
    const now = { at: performance.now(), usage: process.cpuUsage() };
    const usedMilliseconds = (now.usage.user + now.usage.system - last.usage.user - last.usage.system) / 1000;
    const passedMilliseconds = now.at - last.at;
    if (passedMilliseconds > 0) this.set((100 * usedMilliseconds) / passedMilliseconds);
    last = now;
  };
}
