// A person's webhook receivers. The signing secret is shown once, when the receiver is registered.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { requireReceiver } from "../../../parts/delivery/webhook.ts";
import { createEncryption } from "../../../parts/encryption.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { requireFeature } from "../features.ts";
import type { Application } from "./application.ts";

export function webhookRoutes(server: Server, { system }: Application): void {
  const { database, features, settings } = system;
  const encryption = createEncryption(settings.encryptionKey, "hv-consultores");
  const tags = ["webhooks"];

  server.get("/api/webhooks", { schema: { tags } }, async (request) => ({
    webhooks: await database.query(
      requireCaller(request),
      "SELECT id, url, creado_en FROM webhook_endpoints ORDER BY creado_en",
    ),
  }));

  const newWebhook = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000) });
  server.post("/api/webhooks", { schema: { tags, body: newWebhook } }, async (request, reply) => {
    await requireFeature(features, "webhook_integration");
    const caller = requireCaller(request);
    try {
      requireReceiver(new URL(request.body.url), settings.environment);
    } catch (error) {
      return reply.code(400).send({ error: error instanceof Error ? error.message : "url is refused" });
    }
    const secret = randomBytes(32).toString("base64url");
    const rows = await database.query<{ id: string; url: string }>(
      caller,
      "INSERT INTO webhook_endpoints (usuario_id, url, secreto_cifrado) VALUES ($1, $2, $3) RETURNING id, url",
      [caller.sub, request.body.url, encryption.encrypt(secret)],
    );
    return reply.code(201).send({ ...requireRow(rows, "webhook", request.body.url), secret });
  });

  const params = z.strictObject({ id: z.uuid() });
  server.delete("/api/webhooks/:id", { schema: { tags, params } }, async (request, reply) => {
    const { id } = request.params;
    const text = "DELETE FROM webhook_endpoints WHERE id = $1 RETURNING id";
    requireRow(await database.query<{ id: string }>(requireCaller(request), text, [id]), "webhook", id);
    return reply.code(204).send();
  });

  server.get(
    "/api/deliveries",
    { schema: { tags, querystring: z.strictObject({ job_id: z.uuid() }) } },
    async (request) => ({
      deliveries: await database.query(
        requireCaller(request),
        "SELECT id, job_id, canal, destino, estado, respuesta, creado_en FROM deliveries WHERE job_id = $1 ORDER BY creado_en",
        [request.query.job_id],
      ),
    }),
  );
}
