// Sessions: what a person tries, step by step, until it helps or nobody knows further; and what they say about it.
import { z } from "zod";
import { type Caller, requireCaller } from "../../../parts/authentication.ts";
import type { Transaction } from "../../../parts/database.ts";
import type { Loop } from "../../../parts/loop.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import { type EventName, tell } from "../events.ts";
import type { System } from "../system.ts";

interface Session {
  id: string;
  status: "open" | "resolved" | "escalated" | "abandoned";
  current_step: number;
  problem_id: string;
  customer_email: string;
}

/** A request that the state of the session does not allow. */
class Conflict extends Error {
  readonly statusCode = 409;
}

const fields = "id, status, current_step, problem_id, customer_email";

export function sessionRoutes(server: Server, system: System, dispatcher: Loop): void {
  const { database, faults } = system;
  const tags = ["sessions"];
  const params = z.strictObject({ id: z.uuid() });

  const newSession = z.strictObject({
    problem_id: z.string().regex(/^[a-z][a-z0-9-]{1,59}$/),
    customer_email: z.email().max(254),
  });
  server.post("/api/sessions", { schema: { tags, body: newSession } }, async (request, reply) => {
    const caller = requireCaller(request);
    const { problem_id, customer_email } = request.body;
    const session = await database.transaction(caller, async (transaction) => {
      const problems = await transaction.query(
        "SELECT id FROM troubleshooting_problems WHERE id = $1 AND active",
        [problem_id],
      );
      requireRow(problems, "problem", problem_id);
      const rows = await transaction.query<Session>(
        `INSERT INTO troubleshooting_sessions (user_id, problem_id, customer_email) VALUES ($1, $2, $3) RETURNING ${fields}`,
        [caller.sub, problem_id, customer_email],
      );
      const made = requireRow(rows, "session", problem_id);
      await tell(system, transaction, "session.created", made);
      if (faults.has("session-lost"))
        await transaction.query("DELETE FROM troubleshooting_sessions WHERE id = $1", [made.id]);
      if (faults.has("session-status"))
        await transaction.query(
          "UPDATE troubleshooting_sessions SET status = 'abandoned', ended_at = now() WHERE id = $1",
          [made.id],
        );
      return made;
    });
    dispatcher.nudge();
    return reply.code(201).send(session);
  });

  server.get("/api/sessions/:id", { schema: { tags, params } }, async (request) => {
    const caller = requireCaller(request);
    return await database.transaction(caller, async (transaction) => {
      const session = await find(transaction, caller, request.params.id);
      const steps = await transaction.query(
        `SELECT s.position, s.instruction, a.succeeded, a.attempted_at FROM troubleshooting_steps s
         LEFT JOIN troubleshooting_attempts a ON a.position = s.position AND a.session_id = $2
         WHERE s.problem_id = $1 ORDER BY s.position`,
        [session.problem_id, session.id],
      );
      return { ...session, steps };
    });
  });

  const newAttempt = z.strictObject({ succeeded: z.boolean(), notes: z.string().max(2_000).default("") });
  server.post(
    "/api/sessions/:id/steps",
    { schema: { tags, params, body: newAttempt } },
    async (request, reply) => {
      const caller = requireCaller(request);
      const { succeeded, notes } = request.body;
      const session = await database.transaction(caller, async (transaction) => {
        const found = await find(transaction, caller, request.params.id, "FOR UPDATE");
        if (found.status !== "open") throw new Conflict(`the session is ${found.status}`);
        if (!faults.has("attempt-lost"))
          await transaction.query(
            "INSERT INTO troubleshooting_attempts (session_id, position, succeeded, notes) VALUES ($1, $2, $3, $4)",
            [found.id, found.current_step, succeeded, notes],
          );
        return await advance(transaction, found, succeeded);
      });
      dispatcher.nudge();
      return reply.code(201).send(session);
    },
  );

  const newFeedback = z.strictObject({
    rating: z.int().min(1).max(5),
    comment: z.string().max(2_000).default(""),
  });
  server.post(
    "/api/sessions/:id/feedback",
    { schema: { tags, params, body: newFeedback } },
    async (request, reply) => {
      const caller = requireCaller(request);
      const rating = faults.has("feedback-altered") ? 5 : request.body.rating;
      const feedback = await database.transaction(caller, async (transaction) => {
        const session = await find(transaction, caller, request.params.id);
        if (faults.has("feedback-lost")) return { session_id: session.id, rating };
        const rows = await transaction.query<{ session_id: string }>(
          `INSERT INTO troubleshooting_feedback (session_id, rating, comment) VALUES ($1, $2, $3)
         ON CONFLICT (session_id) DO UPDATE SET rating = excluded.rating, comment = excluded.comment
         RETURNING session_id, rating, comment`,
          [session.id, rating, request.body.comment],
        );
        return requireRow(rows, "feedback", session.id);
      });
      return reply.code(201).send(feedback);
    },
  );

  /** The next step; or the end, when the step helped or was the last. */
  async function advance(transaction: Transaction, session: Session, succeeded: boolean): Promise<Session> {
    const [last] = await transaction.query<{ position: number }>(
      "SELECT max(position) AS position FROM troubleshooting_steps WHERE problem_id = $1",
      [session.problem_id],
    );
    const event: EventName = succeeded
      ? "session.resolved"
      : session.current_step >= (last?.position ?? 1)
        ? "session.escalated"
        : "step.completed";
    const text = {
      "session.created": "SET current_step = 1",
      "step.completed": "SET current_step = current_step + 1",
      "session.resolved": "SET status = 'resolved', ended_at = now()",
      "session.escalated": "SET status = 'escalated', ended_at = now()",
    }[event];
    const change = faults.has("step-stuck") ? "SET updated_at = now()" : text;
    const rows = await transaction.query<Session>(
      `UPDATE troubleshooting_sessions ${change} WHERE id = $1 RETURNING ${fields}`,
      [session.id],
    );
    await tell(system, transaction, event, session);
    return requireRow(rows, "session", session.id);
  }
}

/** Operators see every session, everybody else their own. */
async function find(transaction: Transaction, caller: Caller, id: string, lock = ""): Promise<Session> {
  const rows = await transaction.query<Session>(
    `SELECT ${fields} FROM troubleshooting_sessions WHERE id = $1 AND (user_id = $2 OR $3) ${lock}`,
    [id, caller.sub, caller.role === "operator"],
  );
  return requireRow(rows, "session", id);
}
