// The dashboard's page and its files, as the edge serves them too. The page holds no data: it asks the API with the
// token of the person who logged in.
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { Server } from "../../../parts/routes.ts";
import type { Application } from "./application.ts";

const folder = fileURLToPath(new URL("../../site/", import.meta.url));

export async function dashboardRoutes(server: Server, { system }: Application): Promise<void> {
  const open = { public: true, uncounted: true };
  await server.register(fastifyStatic, { root: folder, serve: false });
  server.get(
    "/dashboard/documentos/automation",
    { schema: { hide: true }, config: open },
    (_request, reply) => {
      if (system.faults.has("dashboard")) return reply.code(500).send({ error: "the dashboard is broken" });
      return reply.sendFile("index.html", { maxAge: 0 });
    },
  );
  server.get<{ Params: { file: string } }>(
    "/assets/:file",
    { schema: { hide: true }, config: open },
    // Names carry a digest of the content, so a copy is good for ever.
    (request, reply) => reply.sendFile(`assets/${request.params.file}`, { maxAge: "365d", immutable: true }),
  );
}
