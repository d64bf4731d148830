// The daily mail: to every person with unread notifications, how many there are.
import { service } from "../../../parts/database.ts";
import { enqueue, type Job } from "../queue/job.ts";
import type { System } from "../system.ts";

interface Unread {
  id: string;
  email: string;
  nombre: string;
  unread: number;
}

/** One job a mail, so that one bad address keeps nobody else from theirs. */
export async function sendSummaries(
  system: System,
  job: Job,
  signal: AbortSignal,
): Promise<{ queued: number }> {
  signal.throwIfAborted();
  return await system.database.transaction(service, async (transaction) => {
    const people = await transaction.query<Unread>(
      `SELECT usuarios.id, email, nombre, count(*)::integer AS unread
       FROM usuarios JOIN notifications ON notifications.usuario_id = usuarios.id AND leido_en IS NULL
       GROUP BY usuarios.id`,
    );
    for (const person of people) {
      await enqueue(transaction, {
        tipo: "email",
        payload: {
          para: person.email,
          asunto: `HV-Consultores: ${person.unread} notificaciones sin leer`,
          texto: `Hola, ${person.nombre}: tiene ${person.unread} notificaciones sin leer.`,
        },
        usuarioId: person.id,
        maxReintentos: job.max_reintentos,
      });
    }
    return { queued: people.length };
  });
}
