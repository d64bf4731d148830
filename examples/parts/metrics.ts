// What every application tells Prometheus: machine, process, requests and database. Counters are of this process.
import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { LogLines } from "./log.ts";

/** Upper ends of the classes of a duration. */
export const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type BaseMetrics = ReturnType<typeof createBaseMetrics>;

/**
 * @param prefix of the families' names, e.g. `hv`.
 * @param logFolder whose file system's free space is told.
 * @param lines of the log so far, by level; without them the log is not told.
 */
export function createBaseMetrics(prefix: string, logFolder: string, lines?: LogLines) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: `${prefix}_memory_usage_percent`,
    help: "Memory of the machine in use",
    registers,
    collect() {
      this.set(100 * (1 - freemem() / totalmem()));
    },
  });
  new Gauge({
    name: `${prefix}_cpu_usage_percent`,
    help: "Processor time this process used since the last scrape, per cent of one processor",
    registers,
    collect: cpuCollector(),
  });
  new Gauge({
    name: `${prefix}_disk_free_percent`,
    help: "Free space of the file system with the log",
    registers,
    async collect() {
      const disk = await statfs(logFolder);
      this.set((100 * disk.bavail) / disk.blocks);
    },
  });
  if (lines) tellLines(registry, prefix, lines);
  const requestSeconds = new Histogram({
    name: `${prefix}_http_request_duration_seconds`,
    help: "Time to answer a request, by method, route and status",
    labelNames: ["method", "route", "status"],
    buckets: secondsBuckets,
    registers,
  });
  const querySeconds = new Histogram({
    name: `${prefix}_database_query_duration_seconds`,
    help: "Time of a statement as the application saw it",
    buckets: secondsBuckets,
    registers,
  });
  const connectionErrors = new Counter({
    name: `${prefix}_database_connection_errors_total`,
    help: "Connections to the database that failed",
    registers,
  });
  return { registry, requestSeconds, querySeconds, connectionErrors };
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

function tellLines(registry: Registry, prefix: string, lines: LogLines): void {
  new Counter({
    name: `${prefix}_log_lines_total`,
    help: "Lines written to the log, by level",
    labelNames: ["level"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [level, count] of lines) this.inc({ level }, count);
    },
  });
}
