// The job queue over HTTP: counts, own jobs, a pass on demand, and a new set of attempts for failed jobs.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { requireFeature } from "../features.ts";
import { enqueue, type Job } from "../queue/job.ts";
import { countByState, type System } from "../system.ts";
import { operatorKinds, requests } from "../work/kinds.ts";
import type { Application } from "./application.ts";

const statsKey = "queue:stats";
const statsTtlSeconds = 2;

const options = {
  max_reintentos: z.int().min(0).max(20).optional(),
  limite_ms: z.int().min(100).max(3_600_000).optional(),
};
const newJob = z.discriminatedUnion("tipo", [
  z.strictObject({ tipo: z.literal("probe"), payload: requests.probe, ...options }),
  z.strictObject({ tipo: z.literal("notification"), payload: requests.notification, ...options }),
  z.strictObject({ tipo: z.literal("email"), payload: requests.email, ...options }),
  z.strictObject({ tipo: z.literal("slack"), payload: requests.slack, ...options }),
  z.strictObject({ tipo: z.literal("webhook"), payload: requests.webhook, ...options }),
]);

export function queueRoutes(server: Server, { system, processor }: Application): void {
  const { database, cache, features, settings, faults } = system;
  const tags = ["queue"];

  server.get("/api/queue/stats", { schema: { tags } }, async (_request, reply) => {
    if (faults.has("queue-stats")) throw new Error("queue statistics are broken");
    const kept = await cache.get(statsKey);
    if (kept) return reply.header("x-cache", "hit").type("application/json").send(kept);
    const stats = await readStats(system);
    await cache.set(statsKey, JSON.stringify(stats), statsTtlSeconds);
    return reply.header("x-cache", "miss").send(stats);
  });

  server.post("/api/queue/process", { schema: { tags }, config: { operator: true } }, async () => {
    await requireFeature(features, "job_queue");
    // Not how they ended: a job may take minutes.
    const { claimed, settled } = await processor.begin();
    settled.catch((error: Error) =>
      system.log.component("queue").error("Pass failed", { error: error.message }),
    );
    return { claimed };
  });

  server.post(
    "/api/queue/retry",
    {
      schema: { tags, body: z.strictObject({ limite: z.int().min(0).max(10_000).default(1_000) }) },
      config: { operator: true },
    },
    async (request) => {
      const text = "SELECT reintentar_trabajos_fallidos($1) AS retried";
      const [row] = await database.query<{ retried: number }>(service, text, [request.body.limite]);
      await cache.remove(statsKey);
      return { retried: row?.retried ?? 0 };
    },
  );

  server.post("/api/queue/jobs", { schema: { tags, body: newJob } }, async (request, reply) => {
    const caller = requireCaller(request);
    const { tipo, payload, max_reintentos, limite_ms } = request.body;
    if (operatorKinds.has(tipo) && caller.role !== "operator" && !faults.has("roles-off")) {
      return reply.code(403).send({ error: "operators only" });
    }
    await requireFeature(features, "job_queue");
    const job = await database.transaction(caller, (transaction) =>
      enqueue(transaction, {
        tipo,
        payload,
        usuarioId: caller.sub,
        maxReintentos: max_reintentos ?? settings.queue.maxRetries,
        limiteMs: limite_ms,
      }),
    );
    await cache.remove(statsKey);
    processor.nudge();
    return reply.code(201).send(job);
  });

  const params = z.strictObject({ id: z.uuid() });
  server.get("/api/queue/jobs/:id", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const text = "SELECT * FROM queue_jobs WHERE id = $1";
    return requireRow(await database.query<Job>(requireCaller(request), text, [id]), "job", id);
  });

  server.delete("/api/queue/jobs/:id", { schema: { tags, params } }, async (request, reply) => {
    const { id } = request.params;
    const text = "DELETE FROM queue_jobs WHERE id = $1 RETURNING id";
    requireRow(await database.query<{ id: string }>(requireCaller(request), text, [id]), "job", id);
    await cache.remove(statsKey);
    return reply.code(204).send();
  });
}

/** Forgets the kept counts, after they have changed. */
export async function forgetStats(system: System): Promise<void> {
  await system.cache.remove(statsKey);
}

async function readStats(system: System) {
  const counts = Object.fromEntries(await countByState(system.database));
  const [oldest] = await system.database.query<{ seconds: number }>(
    service,
    `SELECT COALESCE(extract(epoch FROM now() - min(proxima_tentativa)), 0)::float8 AS seconds
     FROM queue_jobs WHERE estado = 'pending' AND proxima_tentativa <= now()`,
  );
  const { queue } = system.settings;
  return {
    ...counts,
    oldest_due_seconds: oldest?.seconds ?? 0,
    settings: {
      interval_seconds: queue.intervalSeconds,
      batch_size: queue.batchSize,
      job_timeout_ms: queue.timeoutMilliseconds,
      max_retries: queue.maxRetries,
      backoff_base_seconds: queue.backoffBaseSeconds,
    },
  };
}
