// The maintenance's schedule and runs, the configuration and the templates, for operators.
import { z } from "zod";
import { service } from "../../../parts/database.ts";
import type { Server } from "../../../parts/routes.ts";
import { runTask } from "../maintenance.ts";
import type { System } from "../system.ts";
import { renderTemplate } from "../templates.ts";

export function maintenanceRoutes(server: Server, system: System): void {
  const { database } = system;
  const tags = ["maintenance"];
  const config = { operator: true };

  server.get("/api/maintenance", { schema: { tags }, config }, async () => ({
    tasks: await database.query(
      service,
      `SELECT m.task, m.every_seconds, m.enabled, m.next_run_at, r.status, r.detail, r.ended_at
       FROM support_maintenance m LEFT JOIN LATERAL (
         SELECT * FROM support_maintenance_runs WHERE task = m.task ORDER BY ended_at DESC LIMIT 1
       ) r ON true ORDER BY m.task`,
    ),
  }));

  const body = z.strictObject({ task: z.enum(["refresh-views", "abandon-idle", "purge-deliveries"]) });
  server.post("/api/maintenance/runs", { schema: { tags, body }, config }, async (request, reply) => {
    const run = await runTask(system, request.body.task, true);
    if (!run) return reply.code(409).send({ error: "the task is switched off or runs already" });
    return reply.code(201).send(run);
  });

  server.get("/api/configuration", { schema: { tags }, config }, async () => ({
    configuration: await database.query(
      service,
      "SELECT key, value, description FROM support_configuration ORDER BY key",
    ),
  }));

  const params = z.strictObject({ id: z.string().regex(/^[a-z][a-z0-9-]{1,59}$/) });
  const querystring = z.strictObject({ session_id: z.uuid() });
  server.get("/api/templates/:id/preview", { schema: { tags, params, querystring }, config }, (request) =>
    renderTemplate(system, request.params.id, request.query.session_id),
  );
}
