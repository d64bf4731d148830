// The Prometheus endpoint. Public and uncounted: scrapers reach it inside the network, the edge does not route it.
import type { Application, Server } from "./application.ts";

export function metricsRoutes(server: Server, { system }: Application): void {
  if (!system.settings.monitoringEnabled) return;
  const { registry } = system.metrics;
  server.get(
    "/metrics",
    { schema: { tags: ["health"], security: [] }, config: { public: true, uncounted: true } },
    async (_request, reply) => {
      await reply.type(registry.contentType).send(await registry.metrics());
    },
  );
}
