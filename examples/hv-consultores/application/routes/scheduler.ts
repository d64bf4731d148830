// Schedules over HTTP. Everybody with a token reads them; operators add, remove and trigger.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { requireFeature } from "../features.ts";
import { nextRun, type ScheduledJob, trigger } from "../scheduler/scheduler.ts";
import { requests } from "../work/kinds.ts";
import type { Application } from "./application.ts";

const nombre = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);
const newSchedule = z.strictObject({
  nombre,
  descripcion: z.string().max(500).default(""),
  cron_expression: z.string().max(100).refine(isCron, "must be a cron expression of five fields"),
  // A schedule made over HTTP belongs to nobody, so only the kind that needs no person.
  tipo: z.literal("probe"),
  payload: requests.probe,
});

export function schedulerRoutes(server: Server, { system, processor }: Application): void {
  const { database, features, settings } = system;
  const tags = ["scheduler"];

  server.get("/api/scheduler/jobs", { schema: { tags } }, async (request) => ({
    jobs: await database.query<ScheduledJob>(
      requireCaller(request),
      "SELECT * FROM scheduled_jobs ORDER BY nombre",
    ),
  }));

  server.post(
    "/api/scheduler/jobs",
    { schema: { tags, body: newSchedule }, config: { operator: true } },
    async (request, reply) => {
      await requireFeature(features, "scheduler");
      const { body } = request;
      const rows = await database.query<ScheduledJob>(
        service,
        `INSERT INTO scheduled_jobs (nombre, descripcion, cron_expression, tipo, payload, proxima_ejecucion)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (nombre) DO NOTHING RETURNING *`,
        [
          body.nombre,
          body.descripcion,
          body.cron_expression,
          body.tipo,
          JSON.stringify(body.payload),
          nextRun(body.cron_expression, new Date()),
        ],
      );
      const [made] = rows;
      if (!made) return reply.code(409).send({ error: `schedule "${body.nombre}": exists already` });
      return reply.code(201).send(made);
    },
  );

  const params = z.strictObject({ nombre });
  server.post(
    "/api/scheduler/jobs/:nombre/run",
    { schema: { tags, params }, config: { operator: true } },
    async (request, reply) => {
      await requireFeature(features, "scheduler");
      const job = await database.transaction(service, async (transaction) => {
        const text = "SELECT * FROM scheduled_jobs WHERE nombre = $1";
        const rows = await transaction.query<ScheduledJob>(text, [request.params.nombre]);
        const scheduled = requireRow(rows, "schedule", request.params.nombre);
        return await trigger(transaction, scheduled, new Date(), settings.queue.maxRetries);
      });
      processor.nudge();
      return reply.code(202).send({ job_id: job.id, tipo: job.tipo });
    },
  );

  server.delete(
    "/api/scheduler/jobs/:nombre",
    { schema: { tags, params }, config: { operator: true } },
    async (request, reply) => {
      const text = "DELETE FROM scheduled_jobs WHERE nombre = $1 RETURNING id";
      requireRow(
        await database.query<{ id: string }>(service, text, [request.params.nombre]),
        "schedule",
        request.params.nombre,
      );
      return reply.code(204).send();
    },
  );
}

function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false;
  try {
    return nextRun(text, new Date()) instanceof Date;
  } catch {
    return false; // croner's only way of saying that it is not an expression
  }
}
