// A job of the queue as the database keeps it, and how one is added.
import type { Transaction } from "../../../parts/database.ts";

export interface Job {
  id: string;
  tipo: string;
  payload: unknown;
  estado: "pending" | "processing" | "completed" | "failed";
  /** How often it was started; the first start is 1. */
  intentos: number;
  max_reintentos: number;
  /** Own time limit in milliseconds, at most QUEUE_JOB_TIMEOUT. */
  limite_ms: number | null;
  /** When it is due, again after a failure. */
  proxima_tentativa: Date;
  usuario_id: string | null;
  resultado: unknown;
  error: string | null;
  creado_en: Date;
  actualizado_en: Date;
  iniciado_en: Date | null;
  completado_en: Date | null;
}

export interface NewJob {
  tipo: string;
  payload: unknown;
  usuarioId: string | null;
  maxReintentos: number;
  limiteMs?: number | undefined;
}

export async function enqueue(transaction: Transaction, job: NewJob): Promise<Job> {
  const [row] = await transaction.query<Job>(
    `INSERT INTO queue_jobs (tipo, payload, usuario_id, max_reintentos, limite_ms)
     VALUES ($1, $2, $3, $4, $5) RETURNING *`,
    [job.tipo, JSON.stringify(job.payload), job.usuarioId, job.maxReintentos, job.limiteMs ?? null],
  );
  if (!row) throw new Error(`job "${job.tipo}": not added, want one row`);
  return row;
}

/** Seconds until the next attempt: the base, doubled after every failure. */
export function backoffSeconds(baseSeconds: number, attempts: number): number {
  return baseSeconds * 2 ** (attempts - 1);
}
