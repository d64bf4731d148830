// The worker over HTTP: steps are asked for and looked at, dead ones brought back, personal data shown and erased.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { service } from "../../parts/database.ts";
import { requireRow, type Server } from "../../parts/routes.ts";
import { remember } from "./record.ts";
import { type StepRequest, stepRequest } from "./step.ts";
import type { System } from "./system.ts";

const byId = z.strictObject({ id: z.uuid() });
const bySubject = z.strictObject({ subject: z.string().min(1).max(200) });
const tags = ["steps"];

/** A flag is off. */
class Off extends Error {
  readonly statusCode = 503;
  constructor(flag: string) {
    super(`flag "${flag}": off; try again later`);
  }
}

export function stepRoutes(server: Server, system: System): void {
  const { database, queue, faults } = system;

  async function enqueue(step: StepRequest): Promise<{ id: string; correlationId: string }> {
    const [id, correlationId] = [randomUUID(), step.correlationId ?? randomUUID()];
    await remember(system, id, step, correlationId);
    await queue.add(id, { ...step, correlationId, enqueuedAt: Date.now() });
    return { id, correlationId };
  }

  async function requireFlag(name: string): Promise<void> {
    const text = "SELECT enabled FROM feature_flags WHERE name = $1";
    const [flag] = await database.query<{ enabled: boolean }>(service, text, [name]);
    if (flag?.enabled !== true && !faults.has("flag-ignored")) throw new Off(name);
  }

  server.post("/steps", { schema: { tags, body: stepRequest } }, async (request, reply) => {
    await requireFlag("intake");
    if (request.body.kind === "notify") await requireFlag("notifications");
    const asked = await enqueue(request.body);
    const log = system.log.component("intake");
    await system.log.correlated(asked.correlationId, async () =>
      log.info("Step accepted", { step: asked.id, kind: request.body.kind }),
    );
    return reply.code(202).send(asked);
  });

  server.post(
    "/steps/batch",
    {
      schema: {
        tags,
        body: z.strictObject({
          count: z.int().min(1).max(5_000),
          milliseconds: z.int().min(0).max(1_000).default(0),
          /** Evenly over a second; 0 is all at once. */
          perSecond: z.int().min(0).max(500).default(0),
        }),
      },
      config: { operator: true },
    },
    async (request, reply) => {
      await requireFlag("intake");
      const { count, milliseconds, perSecond } = request.body;
      const correlationId = `batch-${randomUUID()}`;
      const began = performance.now();
      const enqueueAt = async (index: number) => {
        const due = perSecond === 0 ? 0 : (index * 1000) / perSecond;
        const left = due - (performance.now() - began);
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
        return enqueue({
          kind: "probe",
          payload: { milliseconds, failures: 0, terminate: false },
          correlationId,
        });
      };
      // Paced ones are due one by one whatever the others do; the answer waits for none of them.
      const all = Promise.all(Array.from({ length: count }, (_, index) => enqueueAt(index)));
      const log = system.log.component("intake");
      all.catch((error: Error) =>
        log.error("Batch was cut short", { batch: correlationId, error: error.message }),
      );
      if (perSecond === 0) await all;
      return reply.code(202).send({ correlationId, count });
    },
  );

  server.get("/steps/:id", { schema: { tags, params: byId } }, async (request) => {
    const { id } = request.params;
    const text = `SELECT s.id, s.kind, s.state, s.correlation_id, s.error, r.result,
        (SELECT count(*)::integer FROM step_attempts AS a WHERE a.step_id = s.id) AS attempts
      FROM steps AS s LEFT JOIN step_results AS r ON r.step_id = s.id WHERE s.id = $1`;
    return requireRow(await database.query(service, text, [id]), "step", id);
  });

  server.get("/queue", { schema: { tags: ["queue"] } }, () => queue.depths());

  server.post(
    "/dead/:id/requeue",
    { schema: { tags: ["queue"], params: byId }, config: { operator: true } },
    async (request, reply) => {
      const { id } = request.params;
      if (faults.has("requeue-off")) return reply.code(202).send({ id });
      if (!(await queue.revive(id))) return reply.code(404).send({ error: `dead letter "${id}": not found` });
      // A replica may be at it already, or done with it.
      const text = "UPDATE steps SET state = 'queued', finished_at = NULL WHERE id = $1 AND state = 'dead'";
      await database.query(service, text, [id]);
      return reply.code(202).send({ id });
    },
  );

  server.post(
    "/retention/purge",
    {
      schema: { tags: ["data"], body: z.strictObject({ days: z.int().min(1).max(3650).default(30) }) },
      config: { operator: true },
    },
    async (request) => {
      if (faults.has("purge-off")) return { purged: 0 };
      const text = "SELECT purge_finished_steps(make_interval(days => $1))::integer AS purged";
      const [row] = await database.query<{ purged: number }>(service, text, [request.body.days]);
      return { purged: row?.purged ?? 0 };
    },
  );

  server.get(
    "/subjects/:subject",
    { schema: { tags: ["data"], params: bySubject }, config: { operator: true } },
    async (request) => {
      const text =
        "SELECT id, kind, payload, state, enqueued_at, finished_at FROM steps WHERE subject = $1 ORDER BY enqueued_at";
      return { steps: await database.query(service, text, [request.params.subject]) };
    },
  );

  server.delete(
    "/subjects/:subject",
    { schema: { tags: ["data"], params: bySubject }, config: { operator: true } },
    async (request, reply) => {
      if (faults.has("erase-off")) return reply.code(204).send();
      const text = "DELETE FROM steps WHERE subject = $1 RETURNING id";
      const rows = await database.query<{ id: string }>(service, text, [request.params.subject]);
      for (const { id } of rows) await queue.forget(id);
      return reply.code(204).send();
    },
  );
}
