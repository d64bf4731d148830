// Marks documents whose last day has passed and tells their owners. Running it twice tells nobody twice.
import { service } from "../../../parts/database.ts";
import type { System } from "../system.ts";

export async function expireDocuments(system: System, signal: AbortSignal): Promise<{ expired: number }> {
  signal.throwIfAborted();
  const tell = await system.features.isOn("notifications");
  return await system.database.transaction(service, async (transaction) => {
    const expired = await transaction.query<{ usuario_id: string; titulo: string }>(
      `UPDATE documentos SET estado = 'vencido' WHERE estado = 'vigente' AND vence_en < now()
       RETURNING usuario_id, titulo`,
    );
    for (const document of tell ? expired : []) {
      await transaction.query("INSERT INTO notifications (usuario_id, titulo, mensaje) VALUES ($1, $2, $3)", [
        document.usuario_id,
        "Documento vencido",
        document.titulo,
      ]);
    }
    return { expired: expired.length };
  });
}
