// Turns schedules into jobs: at each check, rows of scheduled_jobs that are due get a job in the queue and their next
// time. Cron expressions are UTC. Several processes may check at once; a due time makes one job.
import { Cron } from "croner";
import { type Database, service, type Transaction } from "../../../parts/database.ts";
import type { Logger } from "../../../parts/log.ts";
import type { Faults } from "../faults.ts";
import type { Features } from "../features.ts";
import { enqueue, type Job } from "../queue/job.ts";
import type { Settings } from "../settings.ts";

export interface ScheduledJob {
  id: string;
  nombre: string;
  descripcion: string;
  cron_expression: string;
  tipo: string;
  payload: Record<string, unknown>;
  activo: boolean;
  proxima_ejecucion: Date | null;
  ultima_ejecucion: Date | null;
  creado_en: Date;
  actualizado_en: Date;
}

export interface Scheduler {
  /** Does what is due now; returns how many jobs it made. */
  check(): Promise<number>;
  stop(): Promise<void>;
}

interface Parts {
  settings: Settings["scheduler"];
  maxRetries: number;
  database: Database;
  features: Features;
  log: Logger;
  faults: Faults;
}

/** The first time after `from` at which the expression is due, in UTC. @throws when it is not a cron expression. */
export function nextRun(expression: string, from: Date): Date {
  const next = new Cron(expression, { paused: true, timezone: "UTC" }).nextRun(from);
  if (!next) throw new Error(`cron "${expression}": is never due`);
  return next;
}

/** Puts the job of a schedule into the queue. */
export function trigger(
  transaction: Transaction,
  scheduled: ScheduledJob,
  due: Date,
  maxReintentos: number,
): Promise<Job> {
  const payload = { ...scheduled.payload, programado: scheduled.nombre, previsto: due.toISOString() };
  return enqueue(transaction, { tipo: scheduled.tipo, payload, usuarioId: null, maxReintentos });
}

export function startScheduler(parts: Parts): Scheduler {
  const { database, features, log, faults } = parts;
  let checking: Promise<unknown> = Promise.resolve();

  async function check(): Promise<number> {
    if (faults.has("scheduler-off") || !(await features.isOn("scheduler"))) return 0;
    return await database.transaction(service, async (transaction) => {
      await keepStatistics(transaction);
      const due = await transaction.query<ScheduledJob>(
        `SELECT * FROM scheduled_jobs WHERE activo AND (proxima_ejecucion IS NULL OR proxima_ejecucion <= now())
         FOR UPDATE SKIP LOCKED`,
      );
      let made = 0;
      for (const scheduled of due) made += await advance(transaction, scheduled);
      return made;
    });
  }

  async function advance(transaction: Transaction, scheduled: ScheduledJob): Promise<number> {
    const now = new Date();
    const next = nextRun(scheduled.cron_expression, now);
    // Wrong by an hour: what a scheduler that reads cron in local time would do.
    const kept = faults.has("scheduler-next-run") ? new Date(next.getTime() + 3_600_000) : next;
    const due = scheduled.proxima_ejecucion;
    if (due) {
      const job = await trigger(transaction, scheduled, due, parts.maxRetries);
      const late = now.getTime() - due.getTime();
      log.info("Scheduled job queued", { nombre: scheduled.nombre, job_id: job.id, late_ms: late });
    }
    await transaction.query(
      `UPDATE scheduled_jobs SET proxima_ejecucion = $2, ultima_ejecucion = COALESCE($3, ultima_ejecucion)
       WHERE id = $1`,
      [scheduled.id, kept, due ? now : null],
    );
    return due ? 1 : 0;
  }

  const tick = () => {
    checking = check().catch((error: Error) => log.error("Schedule check failed", { error: error.message }));
  };
  const timer = parts.settings.enabled ? setInterval(tick, parts.settings.checkMilliseconds) : undefined;
  // The first check writes the next times of new rows, so that they can be read right after a release.
  if (parts.settings.enabled) tick();
  return {
    check,
    async stop() {
      clearInterval(timer);
      await checking;
    },
  };
}

/** One row a minute, whoever comes first. */
async function keepStatistics(transaction: Transaction): Promise<void> {
  await transaction.query(
    `INSERT INTO queue_stats (registrado_en, pendientes, procesando, completados, fallidos)
     SELECT date_trunc('minute', now()),
       sum(total) FILTER (WHERE estado = 'pending'), sum(total) FILTER (WHERE estado = 'processing'),
       sum(total) FILTER (WHERE estado = 'completed'), sum(total) FILTER (WHERE estado = 'failed')
     FROM contar_trabajos_por_estado()
     ON CONFLICT (registrado_en) DO NOTHING`,
  );
}
