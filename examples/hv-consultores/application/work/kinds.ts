// Every kind of job: what its payload must be, who may ask for it over HTTP, and what runs it.
import { z } from "zod";
import { requireFeature } from "../features.ts";
import type { Job } from "../queue/job.ts";
import type { RunJob } from "../queue/processor.ts";
import type { FeatureName } from "../settings.ts";
import type { System } from "../system.ts";
import { runDailyRules, runRule } from "./automation.ts";
import { runBatch } from "./batch.ts";
import { cleanUp } from "./cleanup.ts";
import { expireDocuments } from "./documents.ts";
import { notify } from "./notification.ts";
import { runProbe } from "./probe.ts";
import { sendSummaries } from "./summary.ts";
import { sendWebhook } from "./webhook.ts";

/** Payloads of the jobs that people may ask for. */
export const requests = {
  probe: z.strictObject({
    duracion_ms: z.int().min(0).max(600_000).default(0),
    falla: z.boolean().default(false),
  }),
  notification: z.strictObject({
    titulo: z.string().min(1).max(200),
    mensaje: z.string().max(2_000).default(""),
  }),
  email: z.strictObject({
    para: z.email().max(254),
    asunto: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^\r\n]*$/),
    texto: z.string().max(20_000),
  }),
  slack: z.strictObject({ texto: z.string().min(1).max(3_000) }),
  webhook: z.strictObject({
    endpoint_id: z.uuid(),
    evento: z.string().regex(/^[a-z][a-z0-9._-]{0,59}$/),
    datos: z.record(z.string(), z.unknown()).default({}),
  }),
};

/** Kinds that write to people outside: only operators may ask for them directly. */
export const operatorKinds: ReadonlySet<string> = new Set(["email", "slack"]);

/** @returns the runner of all jobs; a kind or payload that does not exist fails the job. */
export function createRunner(system: System): RunJob {
  const { features, deliveries } = system;
  const during = (feature: FeatureName, work: RunJob): RunJob => {
    return async (job, signal) => {
      await requireFeature(features, feature);
      return await work(job, signal);
    };
  };
  const kinds: Record<string, RunJob> = {
    probe: (job, signal) => runProbe(requests.probe.parse(job.payload), signal),
    notification: during("notifications", (job) => {
      const { titulo, mensaje } = requests.notification.parse(job.payload);
      return notify(system, { jobId: job.id, userId: requireUser(job), title: titulo, message: mensaje });
    }),
    email: during("email_integration", (job, signal) => {
      const { para, asunto, texto } = requests.email.parse(job.payload);
      return deliveries.mail(origin(job), { to: para, subject: asunto, text: texto }, signal);
    }),
    slack: during("slack_integration", (job, signal) =>
      deliveries.slack(origin(job), requests.slack.parse(job.payload).texto, signal),
    ),
    webhook: during("webhook_integration", (job, signal) =>
      sendWebhook(system, job, requests.webhook.parse(job.payload), signal),
    ),
    batch: during("batch_operations", (job, signal) =>
      runBatch(system, z.object({ lote_id: z.uuid() }).parse(job.payload).lote_id, signal),
    ),
    automation_rule: during("automation_rules", (job, signal) =>
      runRule(system, job, z.object({ regla_id: z.uuid() }).parse(job.payload).regla_id, signal),
    ),
    // The four schedules.
    automation: during("automation_rules", () => runDailyRules(system)),
    expire_check: (_job, signal) => expireDocuments(system, signal),
    summary: during("email_integration", (job, signal) => sendSummaries(system, job, signal)),
    cleanup: () => cleanUp(system),
  };
  return async (job, signal) => {
    const run = kinds[job.tipo];
    if (!run)
      throw new Error(`job kind "${job.tipo}": unknown, want one of ${Object.keys(kinds).join(", ")}`);
    return await run(job, signal);
  };
}

/** Whose message it is. */
export function origin(job: Job): { jobId: string; userId: string | null } {
  return { jobId: job.id, userId: job.usuario_id };
}

/** @throws when the job is nobody's. */
export function requireUser(job: Job): string {
  if (!job.usuario_id) throw new Error(`job "${job.tipo}": has no user, want one to tell`);
  return job.usuario_id;
}
