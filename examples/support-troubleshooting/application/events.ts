// What happens to a session, told to those who want to know: a row for each webhook and each message, written in the
// transaction of the event itself, so that neither is without the other. The dispatcher sends them.
import type { Transaction } from "../../parts/database.ts";
import type { System } from "./system.ts";

export const eventNames = [
  "session.created",
  "step.completed",
  "session.resolved",
  "session.escalated",
] as const;
export type EventName = (typeof eventNames)[number];

/** Which events a person is told of by mail, with which template, and whom. */
const mails: Partial<Record<EventName, { template: string; to: "customer" | "leads" }>> = {
  "session.created": { template: "session-created", to: "customer" },
  "session.resolved": { template: "session-resolved", to: "customer" },
  "session.escalated": { template: "session-escalated", to: "leads" },
};

export async function tell(
  { faults, counters }: System,
  transaction: Transaction,
  event: EventName,
  session: { id: string; customer_email: string },
): Promise<void> {
  if (!faults.has("metrics-frozen")) counters.events.inc({ event });
  if (!faults.has("webhook-silent")) {
    const payload = { session_id: session.id, event };
    await transaction.query(
      `INSERT INTO support_webhook_deliveries (webhook_id, event, session_id, payload)
       SELECT id, $1, $2, $3 FROM support_webhooks WHERE active AND $1 = ANY (events)`,
      [event, session.id, payload],
    );
  }
  const mail = mails[event];
  if (!mail || faults.has("notification-silent")) return;
  const recipient =
    mail.to === "customer"
      ? "$3"
      : "(SELECT value #>> '{}' FROM support_configuration WHERE key = 'escalation_email')";
  const values = [session.id, mail.template, ...(mail.to === "customer" ? [session.customer_email] : [])];
  await transaction.query(
    `INSERT INTO support_notifications (session_id, template_id, recipient) VALUES ($1, $2, ${recipient})
     ON CONFLICT (session_id, template_id) DO NOTHING`,
    values,
  );
}
