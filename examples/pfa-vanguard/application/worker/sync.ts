// Carries one write to PEMS. Automatic ones wait while the flag `auto_sync` is off; what a person asked for does not. A write
// that PEMS refuses because it changed meanwhile becomes a conflict: settled by itself where both sides want the same cost,
// otherwise left for a person.
import { service } from "../../../parts/database.ts";
import type { WorkerMetrics } from "../metrics.ts";
import type { System } from "../opening.ts";
import { type Remote, writeRecord } from "../pems.ts";

interface Write {
  id: string;
  record_id: string;
  base_version: number;
  payload: { forecast_cost?: unknown };
  attempts: number;
  created_at: Date;
}

type Result = "completed" | "conflict" | "failed" | "pending";

/** Takes the write that is due first. Returns false when there is none. */
export async function syncNext(
  system: System,
  metrics: WorkerMetrics,
  signal: AbortSignal,
): Promise<boolean> {
  const { database, faults, settings } = system;
  // Taken in a transaction of its own, so that everybody sees it processing.
  const [write] = await database.query<Write>(
    service,
    `UPDATE pfa_write_queue SET status = 'processing', attempts = attempts + 1, started_at = now()
     WHERE id = (
       SELECT id FROM pfa_write_queue
       WHERE due_at <= now() AND (status = 'pending' OR status = 'processing' AND started_at < now() - interval '5 minutes')
         AND (source = 'manual' OR $1 OR (SELECT enabled FROM feature_flags WHERE flag_name = 'auto_sync'))
       ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id, record_id, base_version, payload, attempts, created_at`,
    [faults.has("flag-ignored")],
  );
  if (!write) return false;
  const result = await carry(system, metrics, write, signal);
  if (result !== "pending")
    metrics.syncSeconds.observe({ result }, (Date.now() - write.created_at.getTime()) / 1000);
  system.log.component("worker").info("Write ended", { id: write.id, result, attempts: write.attempts });
  return settings.sync.maxAttempts > 0;
}

async function carry(
  system: System,
  metrics: WorkerMetrics,
  write: Write,
  signal: AbortSignal,
): Promise<Result> {
  const { settings, faults } = system;
  try {
    if (faults.has("sync-fails")) throw new Error("pems: answered 500, want 200 or 409");
    const sent = { id: write.record_id, baseVersion: write.base_version, payload: write.payload };
    const written = await writeRecord(settings.pems, sent, signal);
    metrics.calls.inc({ status: written.result === "written" ? "200" : "409" });
    if (written.result === "conflict") return await keepConflict(system, write, written.remote);
    return await end(system, write, "completed", null);
  } catch (error) {
    metrics.calls.inc({ status: "failed" });
    const message = error instanceof Error ? error.message : String(error);
    const last = write.attempts >= settings.sync.maxAttempts;
    return await end(system, write, last ? "failed" : "pending", message);
  }
}

async function keepConflict(system: System, write: Write, remote: Remote): Promise<Result> {
  const same = String(remote.payload.forecast_cost) === String(write.payload.forecast_cost);
  if (!system.faults.has("conflict-lost"))
    await system.database.query(
      service,
      `INSERT INTO pfa_sync_conflict (queue_id, record_id, local_payload, remote_payload, resolution, resolved_at)
       VALUES ($1, $2, $3, $4, $5, CASE WHEN $5 = 'auto' THEN now() END)`,
      [write.id, write.record_id, write.payload, remote.payload, same ? "auto" : "manual_needed"],
    );
  return await end(system, write, same ? "completed" : "conflict", null);
}

/** A write that is to be tried again waits twice as long each time. */
async function end(
  { database }: System,
  write: Write,
  status: Result,
  error: string | null,
): Promise<Result> {
  await database.query(
    service,
    `UPDATE pfa_write_queue SET status = $2, error = $3,
       due_at = now() + make_interval(secs => CASE WHEN $2 = 'pending' THEN $4 ELSE 0 END),
       completed_at = CASE WHEN $2 = 'pending' THEN NULL ELSE now() END
     WHERE id = $1`,
    [write.id, status, error?.slice(0, 500) ?? null, 15 * 2 ** (write.attempts - 1)],
  );
  return status;
}
