// Executes automation rules: one job an execution, one history entry a job.
import { service, type Transaction } from "../../../parts/database.ts";
import { requireFeature } from "../features.ts";
import { enqueue, type Job } from "../queue/job.ts";
import type { System } from "../system.ts";
import { notify } from "./notification.ts";
import { type RuleAction, ruleAction } from "./rule-action.ts";
import { sendWebhook } from "./webhook.ts";

export interface Rule {
  id: string;
  usuario_id: string;
  nombre: string;
  descripcion: string;
  disparador: "manual" | "daily";
  accion: string;
  parametros: unknown;
  activo: boolean;
  creado_en: Date;
  actualizado_en: Date;
}

/** Queues one execution and opens its history entry. */
export async function queueExecution(
  transaction: Transaction,
  rule: Pick<Rule, "id" | "usuario_id">,
  origen: "manual" | "schedule",
  maxReintentos: number,
): Promise<{ executionId: string; jobId: string }> {
  const payload = { regla_id: rule.id };
  const job = await enqueue(transaction, {
    tipo: "automation_rule",
    payload,
    usuarioId: rule.usuario_id,
    maxReintentos,
  });
  const [entry] = await transaction.query<{ id: string }>(
    `INSERT INTO automation_rule_history (regla_id, usuario_id, job_id, origen, estado)
     VALUES ($1, $2, $3, $4, 'queued') RETURNING id`,
    [rule.id, rule.usuario_id, job.id, origen],
  );
  if (!entry) throw new Error(`rule "${rule.id}": history not written, want one row`);
  return { executionId: entry.id, jobId: job.id };
}

/** The daily schedule: every active rule that is due daily gets its own job, so one failure stops no other. */
export async function runDailyRules(system: System): Promise<{ queued: number }> {
  return await system.database.transaction(service, async (transaction) => {
    const text = "SELECT id, usuario_id FROM automation_rules WHERE activo AND disparador = 'daily'";
    const rules = await transaction.query<Pick<Rule, "id" | "usuario_id">>(text);
    for (const rule of rules) {
      await queueExecution(transaction, rule, "schedule", system.settings.queue.maxRetries);
    }
    return { queued: rules.length };
  });
}

/** Runs one rule. A failed attempt shows in the history at once; a later success replaces it. */
export async function runRule(
  system: System,
  job: Job,
  ruleId: string,
  signal: AbortSignal,
): Promise<{ rule: string }> {
  const [rule] = await system.database.query<Rule>(service, "SELECT * FROM automation_rules WHERE id = $1", [
    ruleId,
  ]);
  if (!rule) return { rule: "deleted before its turn" };
  if (system.faults.has("rule-execute")) return { rule: rule.nombre };
  try {
    await act(
      system,
      job,
      rule,
      ruleAction.parse({ accion: rule.accion, parametros: rule.parametros }),
      signal,
    );
    await closeHistory(system, job, "success", null);
    return { rule: rule.nombre };
  } catch (error) {
    await closeHistory(system, job, "failed", error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function act(
  system: System,
  job: Job,
  rule: Rule,
  action: RuleAction,
  signal: AbortSignal,
): Promise<unknown> {
  const origin = { jobId: job.id, userId: rule.usuario_id };
  switch (action.accion) {
    case "notification":
      await requireFeature(system.features, "notifications");
      return await notify(system, {
        ...origin,
        title: action.parametros.titulo ?? rule.nombre,
        message: action.parametros.mensaje,
      });
    case "email":
      await requireFeature(system.features, "email_integration");
      return await system.deliveries.mail(
        origin,
        { to: action.parametros.para, subject: action.parametros.asunto, text: action.parametros.texto },
        signal,
      );
    case "slack":
      await requireFeature(system.features, "slack_integration");
      return await system.deliveries.slack(origin, action.parametros.texto, signal);
    case "webhook":
      await requireFeature(system.features, "webhook_integration");
      return await sendWebhook(system, job, { ...action.parametros, datos: { regla: rule.nombre } }, signal);
  }
}

async function closeHistory(
  system: System,
  job: Job,
  estado: "success" | "failed",
  detalle: string | null,
): Promise<void> {
  if (system.faults.has("rules-history")) return;
  await system.database.query(
    service,
    `UPDATE automation_rule_history SET estado = $2, detalle = $3, terminado_en = clock_timestamp()
     WHERE job_id = $1`,
    [job.id, estado, detalle?.slice(0, 500)],
  );
}
