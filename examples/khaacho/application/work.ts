// What the background jobs do. Each may run twice: it then finds its work done and does no harm.
import { type Database, service } from "../../parts/database.ts";
import type { Faults } from "./faults.ts";
import type { QueueName } from "./jobs.ts";

/** A job of any queue; a probe does nothing, to see that the queue is worked through. */
export type JobData =
  | { kind: "probe" }
  | { kind: "route-order"; orderId: string }
  | { kind: "score"; userId: string }
  | { kind: "message"; providerId: string }
  | { kind: "export" }
  | { kind: "measure-vendors" }
  | { kind: "measure-prices" };

/** @throws when the work cannot be done; the job is then tried again. */
export async function work(
  database: Database,
  queue: QueueName,
  job: JobData,
  faults: Faults,
): Promise<unknown> {
  const run = (text: string, values?: unknown[]) => database.query(service, text, values);
  switch (job.kind) {
    case "probe":
      return { queue };
    case "route-order":
      return await routeOrder(database, job.orderId, faults);
    case "score":
      return await run(
        `INSERT INTO credit_scores (user_id, score) SELECT id, ${faults.has("credit-score") ? "500" : "credit_score_of(id)"}
         FROM users WHERE id = $1
         ON CONFLICT (user_id) DO UPDATE SET score = excluded.score, calculated_at = now()`,
        [job.userId],
      );
    case "message":
      return await run(
        "UPDATE whatsapp_messages SET processed_at = now() WHERE provider_id = $1 AND processed_at IS NULL",
        [job.providerId],
      );
    case "export":
      return await run(
        `INSERT INTO financial_exports (rows, outstanding_cents)
         SELECT count(*), coalesce(sum(outstanding_cents), 0) FROM accounts`,
      );
    case "measure-vendors":
      return await run(
        `INSERT INTO vendor_performance (vendor_id, orders, total_cents)
         SELECT vendor_id, count(*), sum(total_cents) FROM orders WHERE vendor_id IS NOT NULL GROUP BY vendor_id
         ON CONFLICT (vendor_id) DO UPDATE
         SET orders = excluded.orders, total_cents = excluded.total_cents, measured_at = now()`,
      );
    case "measure-prices":
      return await run(
        `INSERT INTO price_history (product_id, lowest_cents, average_cents)
         SELECT product_id, min(price_cents), avg(price_cents)::integer FROM vendor_products GROUP BY product_id`,
      );
  }
}

async function routeOrder(
  database: Database,
  orderId: string,
  faults: Faults,
): Promise<{ vendor: string | null }> {
  if (faults.has("routing-off")) return { vendor: null };
  const dearest = "(SELECT vendor_id FROM vendor_products ORDER BY price_cents DESC LIMIT 1)";
  const vendor = faults.has("routing-dearest") ? dearest : "cheapest_vendor(id)";
  const [routed] = await database.query<{ vendor_id: string | null }>(
    service,
    `UPDATE orders AS o SET vendor_id = found.vendor, routed_at = now(),
       state = CASE WHEN found.vendor IS NULL THEN 'unroutable' ELSE 'routed' END
     FROM (SELECT ${vendor} AS vendor FROM orders WHERE id = $1) AS found
     WHERE o.id = $1 AND o.state = 'placed' RETURNING o.vendor_id`,
    [orderId],
  );
  return { vendor: routed?.vendor_id ?? null };
}
