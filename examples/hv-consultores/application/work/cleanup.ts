// The weekly cleanup: finished jobs, deliveries and statistics older than thirty days.
import { service } from "../../../parts/database.ts";
import type { System } from "../system.ts";

const keepDays = 30;

export async function cleanUp(
  system: System,
): Promise<{ jobs: number; deliveries: number; statistics: number }> {
  return await system.database.transaction(service, async (transaction) => {
    const [jobs] = await transaction.query<{ removed: number }>(
      "SELECT limpiar_trabajos_antiguos($1) AS removed",
      [keepDays],
    );
    const remove = async (table: "deliveries" | "queue_stats", column: "creado_en" | "registrado_en") => {
      const text = `DELETE FROM ${table} WHERE ${column} < now() - make_interval(days => $1) RETURNING 1`;
      return (await transaction.query(text, [keepDays])).length;
    };
    return {
      jobs: jobs?.removed ?? 0,
      deliveries: await remove("deliveries", "creado_en"),
      statistics: await remove("queue_stats", "registrado_en"),
    };
  });
}
