// What backend and worker tell Prometheus beside what every process does.
import { Counter, Gauge, Histogram } from "prom-client";
import { service } from "../../parts/database.ts";
import type { System } from "./opening.ts";
import type { Sockets } from "./sockets.ts";

const resolutions = ["auto", "manual_needed"];
const statuses = ["pending", "processing", "completed", "conflict", "failed"];

export function tellBackend({ metrics, database, faults }: System, sockets: Sockets): void {
  const registers = [metrics.registry];
  new Gauge({
    name: "pfa_write_queue",
    help: "Writes by status",
    labelNames: ["status"],
    registers,
    async collect() {
      if (faults.has("metrics-frozen")) return;
      const text = "SELECT status, count(*)::integer AS total FROM pfa_write_queue GROUP BY status";
      this.reset();
      for (const status of statuses) this.set({ status }, 0);
      for (const row of await database.query<{ status: string; total: number }>(service, text))
        this.set({ status: row.status }, row.total);
    },
  });
  new Gauge({
    name: "pfa_sync_conflicts",
    help: "Conflicts by how they were settled",
    labelNames: ["resolution"],
    registers,
    async collect() {
      const text = "SELECT resolution, count(*)::integer AS total FROM pfa_sync_conflict GROUP BY resolution";
      this.reset();
      for (const resolution of resolutions) this.set({ resolution }, 0);
      for (const row of await database.query<{ resolution: string; total: number }>(service, text))
        this.set({ resolution: row.resolution }, row.total);
    },
  });
  new Gauge({
    name: "pfa_websocket_connections",
    help: "Open WebSocket connections",
    registers,
    collect() {
      this.set(sockets.count());
    },
  });
}

/** Per cent of this process's answers that were of status 5xx; 0 before the first. */
export async function errorRate({ metrics }: Pick<System, "metrics">): Promise<number> {
  const { values } = await metrics.requestSeconds.get();
  const counts = values.filter(({ metricName }) => metricName?.endsWith("_count"));
  const sum = (some: typeof counts) => some.reduce((total, { value }) => total + value, 0);
  const all = sum(counts);
  const failed = sum(counts.filter(({ labels }) => String(labels.status).startsWith("5")));
  return all === 0 ? 0 : Number(((100 * failed) / all).toFixed(3));
}

export type WorkerMetrics = ReturnType<typeof tellWorker>;

export function tellWorker({ metrics }: System) {
  const registers = [metrics.registry];
  const syncSeconds = new Histogram({
    name: "pems_sync_duration_seconds",
    help: "Time from a write's creation to its end, by result (completed, conflict, failed)",
    labelNames: ["result"],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 120, 300, 600],
    registers,
  });
  const calls = new Counter({
    name: "pems_calls_total",
    help: "Calls of the PEMS API, by status",
    labelNames: ["status"],
    registers,
  });
  // From the start, so that a share of none is seen as none.
  for (const result of ["completed", "conflict", "failed"]) syncSeconds.zero({ result });
  for (const status of ["200", "409", "failed"]) calls.inc({ status }, 0);
  return { syncSeconds, calls };
}
