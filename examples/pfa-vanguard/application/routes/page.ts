// The page and its files, as the edge serves them too. The page holds no data: it asks the API with the token of the person
// who logged in.
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { Server } from "../../../parts/routes.ts";

const folder = fileURLToPath(new URL("../../site/", import.meta.url));

export async function pageRoutes(server: Server): Promise<void> {
  const schema = { hide: true };
  const config = { public: true, uncounted: true };
  await server.register(fastifyStatic, { root: folder, serve: false });
  server.get("/app", { schema, config }, (_request, reply) => reply.sendFile("index.html", { maxAge: 0 }));
  server.get<{ Params: { file: string } }>("/assets/:file", { schema, config }, (request, reply) =>
    // Names carry a digest of the content, so a copy is good for ever.
    reply.sendFile(`assets/${request.params.file}`, { maxAge: "365d", immutable: true }),
  );
}
