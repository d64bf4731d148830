// Messages that leave the system: each is tried once, counted, and kept as a row. Trying again is the queue's work.
import { type Database, service } from "../../../parts/database.ts";
import { createMailer, type Mail } from "../../../parts/delivery/mail.ts";
import { postToSlack } from "../../../parts/delivery/slack.ts";
import { postWebhook, type WebhookMessage } from "../../../parts/delivery/webhook.ts";
import type { Faults } from "../faults.ts";
import type { Metrics } from "../metrics.ts";
import type { Settings } from "../settings.ts";

/** For whom and in which job a message is sent. */
export interface Origin {
  jobId: string;
  userId: string | null;
}

export interface Deliveries {
  mail(origin: Origin, mail: Mail, signal: AbortSignal): Promise<string>;
  slack(origin: Origin, text: string, signal: AbortSignal): Promise<string>;
  webhook(origin: Origin, message: WebhookMessage, signal: AbortSignal): Promise<string>;
  close(): void;
}

type Channel = "email" | "slack" | "webhook";

export function createDeliveries(
  settings: Settings,
  database: Database,
  metrics: Metrics,
  faults: Faults,
): Deliveries {
  const mailer = createMailer(settings.mail, faults);

  /** @returns what the receiver answered. @throws what went wrong, after it was counted and kept. */
  async function deliver(
    canal: Channel,
    origin: Origin,
    destino: string,
    send: () => Promise<string>,
  ): Promise<string> {
    const keep = (estado: "success" | "failed", respuesta: string) => {
      if (!faults.has("metrics-missing")) metrics.deliveries.inc({ canal, resultado: estado });
      const text =
        "INSERT INTO deliveries (usuario_id, job_id, canal, destino, estado, respuesta) VALUES ($1, $2, $3, $4, $5, $6)";
      const values = [origin.userId, origin.jobId, canal, destino, estado, respuesta.slice(0, 500)];
      return database.query(service, text, values);
    };
    try {
      const answer = await send();
      await keep("success", answer);
      return answer;
    } catch (error) {
      await keep("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  return {
    mail: (origin, mail) => deliver("email", origin, mail.to, () => mailer.send(mail)),
    slack: (origin, text, signal) =>
      deliver("slack", origin, "slack", () => postToSlack(settings.slackWebhookUrl, text, signal, faults)),
    webhook: (origin, message, signal) =>
      deliver("webhook", origin, new URL(message.url).host, () => postWebhook(message, signal, faults)),
    close: () => mailer.close(),
  };
}
