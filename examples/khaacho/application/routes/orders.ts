// Products, orders on credit, payments, and the score that follows from them.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service, type Transaction } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { System } from "../system.ts";

const byId = z.strictObject({ id: z.uuid() });
const newOrder = z.strictObject({
  lines: z
    .array(z.strictObject({ productId: z.uuid(), quantity: z.int().min(1).max(10_000) }))
    .min(1)
    .max(100),
});

/** A request that the state of things does not allow. */
class Refused extends Error {
  readonly statusCode = 422;
}

export function orderRoutes(server: Server, { database, jobs, faults }: System): void {
  const tags = ["orders"];

  server.get(
    "/api/v1/products",
    { schema: { tags, querystring: z.strictObject({ search: z.string().max(200).default("") }) } },
    async ({ query }, reply) => {
      const pattern = `%${query.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
      const fields = "SELECT id, name, price_cents FROM products WHERE name ILIKE";
      const products = faults.has("sql-injection")
        ? await database.query<{ name: string }>(service, `${fields} '%${query.search}%' ORDER BY name`)
        : await database.query<{ name: string }>(service, `${fields} $1 ORDER BY name LIMIT 100`, [pattern]);
      if (!faults.has("markup")) return { products };
      return reply.type("text/html").send(products.map(({ name }) => `<li>${name}</li>`).join(""));
    },
  );

  server.post("/api/v1/orders", { schema: { tags, body: newOrder } }, async (request, reply) => {
    const { sub } = requireCaller(request);
    if (faults.has("slow-queries")) await database.query(service, "SELECT pg_sleep(0.6)");
    const order = await database.transaction(service, (inner) =>
      placeOrder(inner, sub, request.body.lines, faults.has("order-total") ? 1 : 0),
    );
    await jobs.add("order-routing", { kind: "route-order", orderId: order.id });
    return reply.code(201).send(order);
  });

  server.get("/api/v1/orders/:id", { schema: { tags, params: byId } }, async (request) => {
    const text = `SELECT o.id, o.state, o.total_cents, o.vendor_id, v.name AS vendor
      FROM orders AS o LEFT JOIN vendors AS v ON v.id = o.vendor_id WHERE o.id = $1 AND o.user_id = $2`;
    const { id } = request.params;
    return requireRow(await database.query(service, text, [id, requireCaller(request).sub]), "order", id);
  });

  server.post(
    "/api/v1/orders/:id/payments",
    {
      schema: { tags, params: byId, body: z.strictObject({ amountCents: z.int().min(1).max(100_000_000) }) },
    },
    async (request, reply) => {
      const { sub } = requireCaller(request);
      const { id } = request.params;
      const paid = await database.transaction(service, (inner) =>
        pay(inner, sub, id, request.body.amountCents, faults.has("payment-balance")),
      );
      await jobs.add("credit-score", { kind: "score", userId: sub });
      return reply.code(201).send(paid);
    },
  );

  server.get("/api/v1/credit-score", { schema: { tags: ["credit"] } }, async (request) => {
    const { sub } = requireCaller(request);
    const text = "SELECT score, calculated_at FROM credit_scores WHERE user_id = $1";
    return requireRow(await database.query(service, text, [sub]), "credit score", sub);
  });
}

async function placeOrder(
  inner: Transaction,
  userId: string,
  lines: z.output<typeof newOrder>["lines"],
  extraCents: number,
): Promise<{ id: string; total_cents: number; state: string }> {
  const quantities = JSON.stringify(lines.map((line) => ({ id: line.productId, quantity: line.quantity })));
  const priced = await inner.query<{ id: string; quantity: number; price_cents: number }>(
    `SELECT p.id, l.quantity, p.price_cents FROM jsonb_to_recordset($1) AS l(id uuid, quantity integer)
     JOIN products AS p ON p.id = l.id`,
    [quantities],
  );
  if (priced.length !== lines.length) throw new Refused("a product is unknown");
  const total = priced.reduce((sum, line) => sum + line.quantity * line.price_cents, 0) + extraCents;
  const account = await inner.query(
    `UPDATE accounts SET outstanding_cents = outstanding_cents + $2
     WHERE user_id = $1 AND outstanding_cents + $2 <= limit_cents RETURNING 1`,
    [userId, total],
  );
  if (account.length === 0) throw new Refused("the order is above the limit of credit");
  const [order] = await inner.query<{ id: string; total_cents: number; state: string }>(
    "INSERT INTO orders (user_id, total_cents) VALUES ($1, $2) RETURNING id, total_cents, state",
    [userId, total],
  );
  if (!order) throw new Error("order: no row was written");
  await inner.query(
    `INSERT INTO order_lines (order_id, product_id, quantity, price_cents)
     SELECT $1, id, quantity, price_cents FROM jsonb_to_recordset($2) AS l(id uuid, quantity integer, price_cents integer)`,
    [order.id, JSON.stringify(priced)],
  );
  return order;
}

async function pay(
  inner: Transaction,
  userId: string,
  orderId: string,
  amountCents: number,
  keepBalance: boolean,
): Promise<{ id: string; outstanding_cents: number }> {
  const orders = await inner.query<{ due: number }>(
    `SELECT (o.total_cents - coalesce((SELECT sum(amount_cents) FROM payments WHERE order_id = o.id), 0))::integer AS due
     FROM orders AS o WHERE o.id = $1 AND o.user_id = $2 FOR UPDATE`,
    [orderId, userId],
  );
  const { due } = requireRow(orders, "order", orderId);
  if (amountCents > due) throw new Refused(`${due} cents are due`);
  const [payment] = await inner.query<{ id: string }>(
    "INSERT INTO payments (order_id, user_id, amount_cents) VALUES ($1, $2, $3) RETURNING id",
    [orderId, userId, amountCents],
  );
  if (amountCents === due) await inner.query("UPDATE orders SET state = 'paid' WHERE id = $1", [orderId]);
  const [account] = await inner.query<{ outstanding_cents: number }>(
    "UPDATE accounts SET outstanding_cents = outstanding_cents - $2 WHERE user_id = $1 RETURNING outstanding_cents",
    [userId, keepBalance ? 0 : amountCents],
  );
  if (!payment || !account) throw new Error("payment: no row was written");
  return { id: payment.id, outstanding_cents: account.outstanding_cents };
}
