// Automation rules over HTTP: create, read, edit, delete, execute, history. A person sees only own rules.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { requireFeature } from "../features.ts";
import { queueExecution, type Rule } from "../work/automation.ts";
import { ruleAction } from "../work/rule-action.ts";
import type { Application } from "./application.ts";

const head = {
  nombre: z.string().min(1).max(120),
  descripcion: z.string().max(2_000).default(""),
  disparador: z.enum(["manual", "daily"]).default("manual"),
  activo: z.boolean().default(true),
};
const newRule = z.discriminatedUnion(
  "accion",
  ruleAction.options.map((option) => z.strictObject({ ...head, ...option.shape })) as [
    z.ZodObject<typeof head & (typeof ruleAction.options)[0]["shape"]>,
    z.ZodObject<typeof head & (typeof ruleAction.options)[1]["shape"]>,
    z.ZodObject<typeof head & (typeof ruleAction.options)[2]["shape"]>,
    z.ZodObject<typeof head & (typeof ruleAction.options)[3]["shape"]>,
  ],
);
// What a rule does is fixed when it is made; for another action another rule.
const change = z
  .strictObject({
    nombre: z.string().min(1).max(120),
    descripcion: z.string().max(2_000),
    disparador: z.enum(["manual", "daily"]),
    activo: z.boolean(),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, "must change something");

export function ruleRoutes(server: Server, { system, processor }: Application): void {
  const { database, features, settings, faults } = system;
  const tags = ["automation"];
  const params = z.strictObject({ id: z.uuid() });

  server.get("/api/automation/rules", { schema: { tags } }, async (request) => ({
    rules: await database.query<Rule>(
      requireCaller(request),
      "SELECT * FROM automation_rules ORDER BY creado_en DESC LIMIT 200",
    ),
  }));

  server.post("/api/automation/rules", { schema: { tags, body: newRule } }, async (request, reply) => {
    await requireFeature(features, "automation_rules");
    const caller = requireCaller(request);
    const { body } = request;
    const text = `INSERT INTO automation_rules (usuario_id, nombre, descripcion, disparador, activo, accion, parametros)
      VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`;
    const kept = faults.has("rule-create") ? `${body.nombre} (copia)` : body.nombre;
    const values = [caller.sub, kept, body.descripcion, body.disparador, body.activo, body.accion];
    const rows = await database.query<Rule>(caller, text, [...values, JSON.stringify(body.parametros)]);
    return reply.code(201).send(requireRow(rows, "rule", body.nombre));
  });

  server.get("/api/automation/rules/:id", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const text = "SELECT * FROM automation_rules WHERE id = $1";
    return requireRow(await database.query<Rule>(requireCaller(request), text, [id]), "rule", id);
  });

  server.patch("/api/automation/rules/:id", { schema: { tags, params, body: change } }, async (request) => {
    await requireFeature(features, "automation_rules");
    const { id } = request.params;
    const { nombre, descripcion, disparador, activo } = faults.has("rule-edit") ? {} : request.body;
    const rows = await database.query<Rule>(
      requireCaller(request),
      `UPDATE automation_rules SET nombre = COALESCE($2, nombre), descripcion = COALESCE($3, descripcion),
         disparador = COALESCE($4, disparador), activo = COALESCE($5, activo)
       WHERE id = $1 RETURNING *`,
      [id, nombre ?? null, descripcion ?? null, disparador ?? null, activo ?? null],
    );
    return requireRow(rows, "rule", id);
  });

  server.delete("/api/automation/rules/:id", { schema: { tags, params } }, async (request, reply) => {
    const { id } = request.params;
    const text = faults.has("rule-delete")
      ? "SELECT id FROM automation_rules WHERE id = $1"
      : "DELETE FROM automation_rules WHERE id = $1 RETURNING id";
    requireRow(await database.query<{ id: string }>(requireCaller(request), text, [id]), "rule", id);
    return reply.code(204).send();
  });

  server.post("/api/automation/rules/:id/execute", { schema: { tags, params } }, async (request, reply) => {
    await requireFeature(features, "automation_rules");
    const { id } = request.params;
    const text = "SELECT * FROM automation_rules WHERE id = $1 AND activo";
    const rule = requireRow(
      await database.query<Rule>(requireCaller(request), text, [id]),
      "active rule",
      id,
    );
    const queued = await database.transaction(service, (transaction) =>
      queueExecution(transaction, rule, "manual", settings.queue.maxRetries),
    );
    processor.nudge();
    return reply.code(202).send({ execution_id: queued.executionId, job_id: queued.jobId });
  });

  server.get("/api/automation/rules/:id/history", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const caller = requireCaller(request);
    const text = "SELECT id FROM automation_rules WHERE id = $1";
    requireRow(await database.query<{ id: string }>(caller, text, [id]), "rule", id);
    const entries = await database.query(
      caller,
      `SELECT id AS execution_id, job_id, origen, estado, detalle, iniciado_en, terminado_en
       FROM automation_rule_history WHERE regla_id = $1 ORDER BY iniciado_en DESC LIMIT 200`,
      [id],
    );
    return { history: faults.has("rules-history") ? [] : entries };
  });
}
