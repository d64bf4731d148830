// Receivers of events, for operators. The signing secret is shown once, when the receiver is registered.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { service } from "../../../parts/database.ts";
import { requireReceiver } from "../../../parts/delivery/webhook.ts";
import { createEncryption } from "../../../parts/encryption.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { eventNames } from "../events.ts";
import type { System } from "../system.ts";

export function webhookRoutes(server: Server, { database, settings }: System): void {
  const encryption = createEncryption(settings.encryptionKey, "support");
  const tags = ["webhooks"];
  const config = { operator: true };
  const params = z.strictObject({ id: z.uuid() });

  server.get("/api/webhooks", { schema: { tags }, config }, async () => ({
    webhooks: await database.query(
      service,
      "SELECT id, url, events, active, created_at FROM support_webhooks ORDER BY created_at",
    ),
  }));

  const body = z.strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2_000),
    events: z.array(z.enum(eventNames)).min(1),
  });
  server.post("/api/webhooks", { schema: { tags, body }, config }, async (request, reply) => {
    const { url, events } = request.body;
    try {
      requireReceiver(new URL(url), settings.environment);
    } catch (error) {
      return reply.code(400).send({ error: error instanceof Error ? error.message : "url is refused" });
    }
    const secret = randomBytes(32).toString("base64url");
    const rows = await database.query<{ id: string }>(
      service,
      "INSERT INTO support_webhooks (url, events, secret_encrypted) VALUES ($1, $2, $3) RETURNING id, url, events",
      [url, events, encryption.encrypt(secret)],
    );
    return reply.code(201).send({ ...requireRow(rows, "webhook", url), secret });
  });

  server.delete("/api/webhooks/:id", { schema: { tags, params }, config }, async (request, reply) => {
    const { id } = request.params;
    const text = "DELETE FROM support_webhooks WHERE id = $1 RETURNING id";
    requireRow(await database.query(service, text, [id]), "webhook", id);
    return reply.code(204).send();
  });

  const querystring = z.strictObject({ session_id: z.uuid() });
  server.get("/api/deliveries", { schema: { tags, querystring }, config }, async (request) => ({
    deliveries: await database.query(
      service,
      `SELECT id, webhook_id, event, session_id, status, attempts, answer, ended_at FROM support_webhook_deliveries
       WHERE session_id = $1 ORDER BY created_at`,
      [request.query.session_id],
    ),
  }));
}
