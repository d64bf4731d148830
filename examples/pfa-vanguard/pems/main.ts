// A stand-in for the APIs of others on one machine: PEMS (records with versions, kept in memory) and the list of Gemini's
// models. It knows the keys of the stack and refuses all others. Never part of a real environment.
import fastify from "fastify";
import { z } from "zod";
import { loadVariables } from "../../parts/variables.ts";

interface Held {
  version: number;
  payload: Record<string, unknown>;
  /** Changed by somebody else since the last write. */
  foreign: boolean;
}

const write = z.object({ base_version: z.int(), payload: z.record(z.string(), z.unknown()) });

export async function start(environment: NodeJS.ProcessEnv): Promise<{ url: string; stop(): Promise<void> }> {
  const { PEMS_API_KEY, GEMINI_API_KEY } = await loadVariables(environment);
  if (!PEMS_API_KEY || !GEMINI_API_KEY)
    throw new Error("stand-in: PEMS_API_KEY and GEMINI_API_KEY must be set");
  const records = new Map<string, Held>();
  const server = fastify();
  server.addHook("onRequest", async (request, reply) => {
    const { authorization, "x-goog-api-key": key } = request.headers;
    const path = request.url.split("?")[0];
    // What plays the others' part needs no key of ours.
    if (path === "/api/version" || path?.endsWith("/foreign-change")) return;
    const known = path?.startsWith("/v1beta/")
      ? key === GEMINI_API_KEY
      : authorization === `Bearer ${PEMS_API_KEY}`;
    if (!known) await reply.code(401).send({ error: "unknown key" });
  });
  server.get("/api/version", () => ({ version: environment.RELEASE_VERSION ?? "development" }));
  server.get("/api/session", () => ({ system: "pems" }));
  server.get("/v1beta/models", () => ({ models: [] }));
  // What somebody else changed in PEMS: the next write that does not know of it is refused.
  server.post<{ Params: { id: string } }>("/api/records/:id/foreign-change", (request) => {
    const held = records.get(request.params.id) ?? { version: 0, payload: {}, foreign: false };
    const payload = z.record(z.string(), z.unknown()).parse(request.body);
    const next = { version: held.version + 1, payload: { ...held.payload, ...payload }, foreign: true };
    records.set(request.params.id, next);
    return next;
  });
  server.put<{ Params: { id: string } }>("/api/records/:id", (request, reply) => {
    const { payload } = write.parse(request.body);
    const held = records.get(request.params.id);
    if (held?.foreign) {
      records.set(request.params.id, { ...held, foreign: false });
      return reply.code(409).send(held);
    }
    const next = { version: (held?.version ?? 0) + 1, payload, foreign: false };
    records.set(request.params.id, next);
    return next;
  });
  const url = await server.listen({
    host: environment.HOST ?? "127.0.0.1",
    port: Number(environment.PORT ?? 3002),
  });
  return { url, stop: () => server.close() };
}
