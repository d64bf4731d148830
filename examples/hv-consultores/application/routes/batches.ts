// Batch operations over HTTP: create, progress, results, delete.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { requireFeature } from "../features.ts";
import { enqueue } from "../queue/job.ts";
import type { Application } from "./application.ts";

const newBatch = z.strictObject({
  operacion: z.literal("classify_documents"),
  /** The day as of which documents are judged, so that the result does not depend on when the queue runs. */
  al: z.iso.date(),
  elementos: z
    .array(z.strictObject({ titulo: z.string().min(1).max(200), vence_en: z.iso.date().nullable() }))
    .min(1)
    .max(1_000),
});

interface Batch {
  id: string;
  operacion: string;
  estado: string;
  total: number;
  procesados: number;
  fallidos: number;
  porcentaje: number;
  /** Every percentage that was reported so far, in order. */
  avances: number[];
}

const columns = `id, operacion, estado, total, procesados, fallidos, avances, creado_en, completado_en,
  (100 * (procesados + fallidos) / total) AS porcentaje`;

export function batchRoutes(server: Server, { system, processor }: Application): void {
  const { database, features, settings } = system;
  const tags = ["batches"];
  const params = z.strictObject({ id: z.uuid() });

  server.get("/api/batches", { schema: { tags } }, async (request) => ({
    batches: await database.query<Batch>(
      requireCaller(request),
      `SELECT ${columns} FROM batch_operations ORDER BY creado_en DESC LIMIT 50`,
    ),
  }));

  server.post("/api/batches", { schema: { tags, body: newBatch } }, async (request, reply) => {
    await requireFeature(features, "batch_operations");
    const caller = requireCaller(request);
    const { operacion, al, elementos } = request.body;
    const items = elementos.map((element) => ({ ...element, al }));
    const made = await database.transaction(caller, async (transaction) => {
      const rows = await transaction.query<Batch>(
        `INSERT INTO batch_operations (usuario_id, operacion, total) VALUES ($1, $2, $3) RETURNING ${columns}`,
        [caller.sub, operacion, items.length],
      );
      const batch = requireRow(rows, "batch", operacion);
      await transaction.query(
        `INSERT INTO batch_items (lote_id, posicion, usuario_id, entrada)
         SELECT $1, position - 1, $2, item FROM jsonb_array_elements($3) WITH ORDINALITY AS given (item, position)`,
        [batch.id, caller.sub, JSON.stringify(items)],
      );
      const job = await enqueue(transaction, {
        tipo: "batch",
        payload: { lote_id: batch.id },
        usuarioId: caller.sub,
        maxReintentos: settings.queue.maxRetries,
      });
      return { ...batch, job_id: job.id };
    });
    processor.nudge();
    return reply.code(201).send(made);
  });

  server.get("/api/batches/:id", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const text = `SELECT ${columns} FROM batch_operations WHERE id = $1`;
    return requireRow(await database.query<Batch>(requireCaller(request), text, [id]), "batch", id);
  });

  server.get("/api/batches/:id/results", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const caller = requireCaller(request);
    const text = "SELECT id FROM batch_operations WHERE id = $1";
    requireRow(await database.query<{ id: string }>(caller, text, [id]), "batch", id);
    const items =
      "SELECT posicion, entrada ->> 'titulo' AS titulo, resultado, error FROM batch_items WHERE lote_id = $1 ORDER BY posicion";
    return { results: await database.query(caller, items, [id]) };
  });

  server.delete("/api/batches/:id", { schema: { tags, params } }, async (request, reply) => {
    const { id } = request.params;
    const text = "DELETE FROM batch_operations WHERE id = $1 RETURNING id";
    requireRow(await database.query<{ id: string }>(requireCaller(request), text, [id]), "batch", id);
    return reply.code(204).send();
  });
}
