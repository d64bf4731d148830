// Works through a batch item by item. Each item is settled in a transaction of its own together with the batch's
// counters, so an interrupted batch goes on where it was.
import { service, type Transaction } from "../../../parts/database.ts";
import type { System } from "../system.ts";

/** A document to classify, and the day as of which. */
export interface DocumentItem {
  titulo: string;
  /** ISO day, e.g. `2026-01-11`; null: never expires. */
  vence_en: string | null;
  al: string;
}

export interface Classification {
  estado: "vigente" | "vencido";
  /** Whole days left, negative when past; null when it never expires. */
  dias_restantes: number | null;
}

/** A document is valid through the whole of its last day. */
export function classify(item: DocumentItem): Classification {
  if (item.vence_en === null) return { estado: "vigente", dias_restantes: null };
  const days = Math.round((Date.parse(item.vence_en) - Date.parse(item.al)) / 86_400_000);
  return { estado: days >= 0 ? "vigente" : "vencido", dias_restantes: days };
}

export async function runBatch(
  system: System,
  batchId: string,
  signal: AbortSignal,
): Promise<{ processed: number }> {
  const { database, faults } = system;
  if (faults.has("batch-stuck")) return { processed: 0 };
  await database.query(
    service,
    "UPDATE batch_operations SET estado = 'processing' WHERE id = $1 AND estado = 'pending'",
    [batchId],
  );
  const items = await database.query<{ posicion: number; entrada: DocumentItem }>(
    service,
    `SELECT posicion, entrada FROM batch_items
     WHERE lote_id = $1 AND resultado IS NULL AND error IS NULL ORDER BY posicion`,
    [batchId],
  );
  for (const { posicion, entrada } of items) {
    signal.throwIfAborted();
    const right = classify(entrada);
    const result: Classification = faults.has("batch-results") ? { ...right, dias_restantes: 0 } : right;
    await database.transaction(service, (transaction) =>
      settleItem(transaction, batchId, posicion, result, !faults.has("batch-progress")),
    );
  }
  await database.query(
    service,
    "UPDATE batch_operations SET estado = 'completed', completado_en = now() WHERE id = $1 AND procesados + fallidos = total",
    [batchId],
  );
  return { processed: items.length };
}

async function settleItem(
  transaction: Transaction,
  batchId: string,
  position: number,
  result: Classification,
  progress: boolean,
): Promise<void> {
  // The batch first, as its deletion locks it: in the other order the two would wait for each other.
  await transaction.query(
    `UPDATE batch_operations SET procesados = procesados + 1,
       avances = CASE WHEN $2 THEN avances || (100 * (procesados + 1 + fallidos) / total)::smallint ELSE avances END
     WHERE id = $1`,
    [batchId, progress],
  );
  await transaction.query("UPDATE batch_items SET resultado = $3 WHERE lote_id = $1 AND posicion = $2", [
    batchId,
    position,
    JSON.stringify(result),
  ]);
}
