// Sends what events left: webhooks, tried again with growing pauses, and mails. Several processes may do so at once: a row
// that one works on is passed over by the others.
import { service, type Transaction } from "../../parts/database.ts";
import { postWebhook } from "../../parts/delivery/webhook.ts";
import { createEncryption } from "../../parts/encryption.ts";
import { type Loop, startLoop } from "../../parts/loop.ts";
import type { System } from "./system.ts";
import { renderTemplate } from "./templates.ts";

interface Delivery {
  id: string;
  url: string;
  secret_encrypted: string;
  event: string;
  payload: unknown;
  attempts: number;
}

interface Notification {
  id: string;
  session_id: string;
  template_id: string;
  recipient: string;
}

export function startDispatcher(system: System): Loop {
  const log = system.log.component("dispatcher");
  return startLoop(
    system.settings.dispatchMilliseconds,
    async (signal) => {
      while (!signal.aborted && (await sendWebhook(system, signal)));
      while (!signal.aborted && (await sendMail(system)));
    },
    (error) => log.error("Dispatch failed", { error: String(error) }),
  );
}

/** Sends the webhook that is due first. Returns false when there is none. */
async function sendWebhook(system: System, signal: AbortSignal): Promise<boolean> {
  const { settings, faults } = system;
  return await system.database.transaction(service, async (transaction) => {
    const [delivery] = await transaction.query<Delivery>(
      `SELECT d.id, w.url, w.secret_encrypted, d.event, d.payload, d.attempts
       FROM support_webhook_deliveries d JOIN support_webhooks w ON w.id = d.webhook_id
       WHERE d.status = 'pending' AND d.due_at <= now() ORDER BY d.due_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED`,
    );
    if (!delivery) return false;
    const secret = createEncryption(settings.encryptionKey, "support").decrypt(delivery.secret_encrypted);
    const { id, url, event, payload: data } = delivery;
    const sent = await attempt(() =>
      postWebhook({ id, url, event, data, secret, prefix: "support" }, signal, faults),
    );
    await settle(transaction, delivery, sent);
    system.counters.messages.inc({ channel: "webhook", result: sent.ok ? "success" : "failed" });
    return true;
  });
}

/** A failed one is due again later, until it was tried as often as the configuration says. */
async function settle(transaction: Transaction, delivery: Delivery, sent: Outcome): Promise<void> {
  const [limits] = await transaction.query<{ attempts: number; backoff: number }>(
    `SELECT max((value #>> '{}')::integer) FILTER (WHERE key = 'webhook_attempts') AS attempts,
       max((value #>> '{}')::integer) FILTER (WHERE key = 'webhook_backoff_seconds') AS backoff
     FROM support_configuration`,
  );
  const attempts = delivery.attempts + 1;
  const again = !sent.ok && attempts < (limits?.attempts ?? 1);
  const status = sent.ok ? "success" : again ? "pending" : "failed";
  const pause = (limits?.backoff ?? 0) * 2 ** (attempts - 1);
  await transaction.query(
    `UPDATE support_webhook_deliveries SET status = $2, attempts = $3, answer = $4,
       due_at = now() + make_interval(secs => $5), ended_at = CASE WHEN $2 = 'pending' THEN NULL ELSE now() END
     WHERE id = $1`,
    [delivery.id, status, attempts, sent.answer.slice(0, 500), again ? pause : 0],
  );
}

/** Sends the oldest mail. Returns false when there is none. */
async function sendMail(system: System): Promise<boolean> {
  return await system.database.transaction(service, async (transaction) => {
    const [mail] = await transaction.query<Notification>(
      `SELECT id, session_id, template_id, recipient FROM support_notifications
       WHERE status = 'pending' ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (!mail) return false;
    const sent = await attempt(async () => {
      const message = await renderTemplate(system, mail.template_id, mail.session_id);
      return await system.mailer.send({ to: mail.recipient, ...message });
    });
    await transaction.query(
      "UPDATE support_notifications SET status = $2, answer = $3, ended_at = now() WHERE id = $1",
      [mail.id, sent.ok ? "sent" : "failed", sent.answer.slice(0, 500)],
    );
    system.counters.messages.inc({ channel: "mail", result: sent.ok ? "success" : "failed" });
    if (!sent.ok) system.log.component("dispatcher").warn("Mail failed", { answer: sent.answer });
    return true;
  });
}

interface Outcome {
  ok: boolean;
  answer: string;
}

async function attempt(send: () => Promise<string>): Promise<Outcome> {
  try {
    return { ok: true, answer: await send() };
  } catch (error) {
    return { ok: false, answer: error instanceof Error ? error.message : String(error) };
  }
}
