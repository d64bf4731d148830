// WhatsApp's webhook: the address is registered with a token, each call is signed over its raw body.
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { service } from "../../../parts/database.ts";
import type { Server } from "../../../parts/routes.ts";
import type { System } from "../system.ts";

const registration = z.object({
  "hub.mode": z.literal("subscribe"),
  "hub.verify_token": z.string(),
  "hub.challenge": z.string().max(200),
});
const call = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          value: z.object({
            messages: z
              .array(z.object({ id: z.string(), from: z.string(), text: z.object({ body: z.string() }) }))
              .default([]),
          }),
        }),
      ),
    }),
  ),
});

export async function whatsappRoutes(
  server: Server,
  { settings, database, jobs, faults, log }: System,
): Promise<void> {
  const open = { config: { public: true, uncounted: true } };
  const schema = { tags: ["whatsapp"], security: [] };
  const { appSecret, verifyToken } = settings.whatsapp;

  server.get(
    "/api/v1/webhooks/whatsapp",
    { schema: { ...schema, querystring: registration }, ...open },
    async (request, reply) => {
      const right = same(request.query["hub.verify_token"], verifyToken) || faults.has("whatsapp-verify-any");
      if (!right) return reply.code(403).send({ error: "the token is not the one of the settings" });
      return reply.type("text/plain").send(request.query["hub.challenge"]);
    },
  );

  await server.register(async (signed) => {
    // The signature is over the bytes as they came.
    signed.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
      done(null, body),
    );
    signed.post("/api/v1/webhooks/whatsapp", { schema, ...open }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const wanted = `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
      const given = String(request.headers["x-hub-signature-256"] ?? "");
      if (!same(given, wanted) && !faults.has("whatsapp-unsigned")) {
        log.component("whatsapp").warn("Call with a wrong signature refused");
        return reply.code(401).send({ error: "the signature does not match the body" });
      }
      const parsed = call.safeParse(parseJson(body));
      if (!parsed.success) return reply.code(400).send({ error: "body is not valid" });
      const messages = parsed.data.entry.flatMap(({ changes }) =>
        changes.flatMap(({ value }) => value.messages),
      );
      for (const { id, from, text } of messages) {
        const insert =
          "INSERT INTO whatsapp_messages (provider_id, sender, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        await database.query(service, insert, [id, from, text.body]);
        await jobs.add("whatsapp", { kind: "message", providerId: id });
      }
      return { received: messages.length };
    });
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined; // what is no JSON is refused by its schema
  }
}

function same(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
