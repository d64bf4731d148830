// Sync as people see it: its state, its queue, its conflicts, and a sync that somebody asks for now.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { System } from "../opening.ts";
import { probeKeys } from "../pems.ts";
import { payloadOf, recordFields, recordId, type Stored } from "./records.ts";

/** A worker that was not seen for so long does not run. */
const lostSeconds = 10;

interface Worker {
  version: string;
  running: boolean;
  started_at: Date;
  processed: string;
}

export function syncRoutes(server: Server, system: System): void {
  const { database, faults } = system;
  const tags = ["sync"];
  const open = { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } };

  const readWorker = async () => {
    const [worker] = await database.query<Worker>(
      service,
      `SELECT version, started_at, processed, seen_at > now() - make_interval(secs => $1) AS running
       FROM pfa_sync_workers WHERE name = 'pems-write-sync-worker'`,
      [lostSeconds],
    );
    return worker;
  };

  server.get("/health/write-sync", open, async (_request, reply) => {
    const worker = await readWorker();
    const [queue] = await database.query<{ ready: boolean }>(
      service,
      "SELECT to_regclass('pfa_write_queue') IS NOT NULL AND EXISTS (SELECT FROM feature_flags WHERE flag_name = 'auto_sync') AS ready",
    );
    const running = worker?.running === true;
    const ready = queue?.ready === true;
    return reply.code(running && ready ? 200 : 503).send({
      worker: running ? "running" : "stopped",
      worker_version: worker?.version ?? null,
      queue: ready ? "initialized" : "missing",
    });
  });

  server.get("/api/sync/status", { schema: { tags } }, async () => {
    const [flag] = await database.query<{ enabled: boolean }>(
      service,
      "SELECT enabled FROM feature_flags WHERE flag_name = 'auto_sync'",
    );
    const [last] = await database.query<{ completed_at: Date | null }>(
      service,
      "SELECT max(completed_at) AS completed_at FROM pfa_write_queue WHERE status = 'completed'",
    );
    const worker = await readWorker();
    return {
      auto_sync: faults.has("status-wrong") ? null : (flag?.enabled ?? false),
      worker: worker?.running ? "running" : "stopped",
      last_completed_at: last?.completed_at ?? null,
    };
  });

  server.get("/api/sync/queue", { schema: { tags } }, async () => {
    const [counts] = await database.query<Record<string, number>>(
      service,
      `SELECT count(*) FILTER (WHERE status = 'pending')::integer AS pending,
         count(*) FILTER (WHERE status = 'processing')::integer AS processing,
         count(*) FILTER (WHERE status = 'completed')::integer AS completed,
         count(*) FILTER (WHERE status = 'conflict')::integer AS conflict,
         count(*) FILTER (WHERE status = 'failed')::integer AS failed FROM pfa_write_queue`,
    );
    return faults.has("queue-metrics-wrong") ? { ...counts, completed: -1 } : (counts ?? {});
  });

  const params = z.strictObject({ id: z.uuid() });
  server.get("/api/sync/queue/:id", { schema: { tags, params } }, async (request) => {
    const rows = await database.query(
      service,
      "SELECT id, record_id, source, status, attempts, error, completed_at FROM pfa_write_queue WHERE id = $1",
      [request.params.id],
    );
    return requireRow(rows, "write", request.params.id);
  });

  // What a person asks for does not wait for the flag: it must work while automatic sync is still off.
  const body = z.strictObject({ record_id: recordId });
  server.post("/api/sync", { schema: { tags, body } }, async (request, reply) => {
    const caller = requireCaller(request);
    const queued = await database.transaction(caller, async (transaction) => {
      const rows = await transaction.query<Stored>(`SELECT ${recordFields} FROM pfa_records WHERE id = $1`, [
        request.body.record_id,
      ]);
      const record = requireRow(rows, "record", request.body.record_id);
      if (faults.has("sync-ignored")) return { id: null };
      const made = await transaction.query<{ id: string }>(
        `INSERT INTO pfa_write_queue (record_id, base_version, payload, source, requested_by)
         VALUES ($1, $2, $3, 'manual', $4) RETURNING id`,
        [record.id, record.version, payloadOf(record), caller.sub],
      );
      return requireRow(made, "write", record.id);
    });
    return reply.code(202).send({ queue_id: queued.id });
  });

  server.get("/api/sync/conflicts", { schema: { tags }, config: { operator: true } }, async () => ({
    conflicts: await database.query(
      service,
      `SELECT id, queue_id, record_id, local_payload, remote_payload, resolution, created_at FROM pfa_sync_conflict
       ORDER BY created_at DESC LIMIT 100`,
    ),
  }));

  server.get("/api/sync/keys", { schema: { tags }, config: { operator: true } }, () =>
    probeKeys(system.settings),
  );
}
