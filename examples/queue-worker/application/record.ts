// What the database knows of steps: each attempt when it begins and ends, each result once.
import { service } from "../../parts/database.ts";
import type { StepRequest } from "./step.ts";
import type { System } from "./system.ts";

type Parts = Pick<System, "database" | "faults" | "worker">;

/** Remembers a step before it is queued. */
export async function remember(
  { database }: Parts,
  id: string,
  step: StepRequest,
  correlationId: string,
): Promise<void> {
  await database.query(
    service,
    "INSERT INTO steps (id, kind, payload, correlation_id, subject) VALUES ($1, $2, $3, $4, $5)",
    [id, step.kind, JSON.stringify(step.payload), correlationId, step.subject ?? null],
  );
}

/**
 * Opens an attempt and gives its number. An earlier one that never ended was lost with its process.
 * Undefined when the step was deleted meanwhile: there is nothing to do any more.
 */
export async function beginAttempt({ database, worker }: Parts, id: string): Promise<number | undefined> {
  return await database.transaction(service, async (inner) => {
    const known = await inner.query("UPDATE steps SET state = 'running' WHERE id = $1 RETURNING 1", [id]);
    if (known.length === 0) return undefined;
    await inner.query(
      `UPDATE step_attempts SET outcome = 'lost', finished_at = clock_timestamp()
       WHERE step_id = $1 AND outcome = 'running'`,
      [id],
    );
    const [row] = await inner.query<{ attempt: number }>(
      `INSERT INTO step_attempts (step_id, attempt, worker)
       SELECT $1, count(*) + 1, $2 FROM step_attempts WHERE step_id = $1 RETURNING attempt`,
      [id, worker],
    );
    return row?.attempt;
  });
}

/**
 * Puts a result and its effect on record in one transaction, unless another attempt has already done so: whatever is
 * delivered twice is done once.
 */
export async function complete(
  { database, faults, worker }: Parts,
  {
    id,
    attempt,
    result,
    handlerMilliseconds,
  }: { id: string; attempt: number; result: unknown; handlerMilliseconds: number },
): Promise<void> {
  await database.transaction(service, async (inner) => {
    const first = await inner.query(
      "INSERT INTO step_results (step_id, result) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
      [id, JSON.stringify(faults.has("wrong-result") ? { wrong: true } : (result ?? null))],
    );
    if (first.length > 0 || faults.has("done-twice"))
      await inner.query("INSERT INTO step_effects (step_id, worker) VALUES ($1, $2)", [id, worker]);
    await endAttempt(inner, id, attempt, { outcome: "completed", handlerMilliseconds });
    await inner.query(
      "UPDATE steps SET state = 'completed', error = NULL, finished_at = clock_timestamp() WHERE id = $1",
      [id],
    );
  });
}

/** Puts a failed attempt on record; `dead` when no other follows. */
export async function fail(
  { database }: Parts,
  given: {
    id: string;
    attempt: number;
    outcome: "failed" | "timeout";
    error: string;
    dead: boolean;
    handlerMilliseconds: number;
  },
): Promise<void> {
  await database.transaction(service, async (inner) => {
    await endAttempt(inner, given.id, given.attempt, given);
    await inner.query(
      `UPDATE steps SET state = $2, error = $3, finished_at = CASE WHEN $2 = 'dead' THEN clock_timestamp() END WHERE id = $1`,
      [given.id, given.dead ? "dead" : "retrying", given.error],
    );
  });
}

async function endAttempt(
  inner: { query(text: string, values?: unknown[]): Promise<unknown> },
  id: string,
  attempt: number,
  { outcome, error, handlerMilliseconds }: { outcome: string; error?: string; handlerMilliseconds: number },
): Promise<void> {
  await inner.query(
    `UPDATE step_attempts SET outcome = $3, error = $4, handler_ms = $5, finished_at = clock_timestamp()
     WHERE step_id = $1 AND attempt = $2`,
    [id, attempt, outcome, error ?? null, handlerMilliseconds],
  );
}
