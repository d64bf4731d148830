// A person's notifications: list, unread count, mark as read, delete.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { Application } from "./application.ts";

export function notificationRoutes(server: Server, { system }: Application): void {
  const { database, faults } = system;
  const tags = ["notifications"];
  const params = z.strictObject({ id: z.uuid() });

  server.get(
    "/api/notifications",
    {
      schema: {
        tags,
        querystring: z.strictObject({ limite: z.coerce.number().int().min(1).max(200).default(50) }),
      },
    },
    async (request) => ({
      notifications: await database.query(
        requireCaller(request),
        "SELECT id, titulo, mensaje, leido_en, creado_en FROM notifications ORDER BY creado_en DESC LIMIT $1",
        [request.query.limite],
      ),
    }),
  );

  server.get("/api/notifications/unread-count", { schema: { tags } }, async (request) => {
    const text = "SELECT count(*)::integer AS unread FROM notifications WHERE leido_en IS NULL";
    const [row] = await database.query<{ unread: number }>(requireCaller(request), text);
    return { unread: (row?.unread ?? 0) + (faults.has("notification-count") ? 1 : 0) };
  });

  server.post("/api/notifications/:id/read", { schema: { tags, params } }, async (request) => {
    const { id } = request.params;
    const text = faults.has("notification-read")
      ? "SELECT id, leido_en FROM notifications WHERE id = $1"
      : "UPDATE notifications SET leido_en = COALESCE(leido_en, now()) WHERE id = $1 RETURNING id, leido_en";
    return requireRow(await database.query(requireCaller(request), text, [id]), "notification", id);
  });

  server.delete("/api/notifications/:id", { schema: { tags, params } }, async (request, reply) => {
    const { id } = request.params;
    const text = faults.has("notification-delete")
      ? "SELECT id FROM notifications WHERE id = $1"
      : "DELETE FROM notifications WHERE id = $1 RETURNING id";
    requireRow(await database.query(requireCaller(request), text, [id]), "notification", id);
    return reply.code(204).send();
  });
}
