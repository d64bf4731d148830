// The background jobs as operators see them: counts, workers, and a probe through each queue.
import { z } from "zod";
import type { Server } from "../../../parts/routes.ts";
import { queueNames } from "../jobs.ts";
import type { System } from "../system.ts";

const queue = z.enum(queueNames);

export function queueRoutes(server: Server, { jobs, faults, log }: System): void {
  const tags = ["queues"];

  server.get(
    "/api/v1/queues/stats",
    { schema: { tags }, ...(faults.has("stats-open") ? { config: { public: true } } : {}) },
    () => jobs.stats(),
  );

  server.post(
    "/api/v1/queues/:queue/probes",
    { schema: { tags, params: z.strictObject({ queue }) }, config: { operator: true } },
    async (request, reply) =>
      reply.code(202).send({ id: await jobs.add(request.params.queue, { kind: "probe" }) }),
  );

  server.get(
    "/api/v1/queues/:queue/jobs/:id",
    {
      schema: { tags, params: z.strictObject({ queue, id: z.string().regex(/^\d{1,20}$/) }) },
      config: { operator: true },
    },
    async (request, reply) => {
      const state = await jobs.stateOf(request.params.queue, request.params.id);
      return state === undefined ? reply.code(404).send({ error: "no such job" }) : { state };
    },
  );

  server.post(
    "/api/v1/diagnostics/error",
    {
      schema: { tags: ["diagnostics"], body: z.strictObject({ marker: z.string().regex(/^[\w-]{1,100}$/) }) },
      config: { operator: true },
    },
    async (request, reply) => {
      const { stack } = new Error(`controlled error ${request.body.marker}`);
      log.component("diagnostics").error("Controlled error", { marker: request.body.marker, stack });
      return reply.code(204).send();
    },
  );
}
