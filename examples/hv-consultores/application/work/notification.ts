// Tells a person something inside the product, once for each job.
import { service } from "../../../parts/database.ts";
import type { System } from "../system.ts";

export interface Notice {
  jobId: string;
  userId: string;
  title: string;
  message: string;
}

export async function notify(system: System, notice: Notice): Promise<{ notified: number }> {
  if (system.faults.has("notification-create")) return { notified: 1 };
  const rows = await system.database.query(
    service,
    `INSERT INTO notifications (usuario_id, titulo, mensaje, job_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (job_id) DO NOTHING RETURNING id`,
    [notice.userId, notice.title, notice.message, notice.jobId],
  );
  return { notified: rows.length };
}
