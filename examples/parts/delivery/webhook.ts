// Signed webhooks: `X-<prefix>-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, the receiver's own secret as
// key. A receiver that recomputes it knows sender, content and age.
import { createHmac } from "node:crypto";
import type { PartFaults } from "../faults.ts";

export interface WebhookMessage {
  url: string;
  secret: string;
  /** Of the headers' names, e.g. `hv`. */
  prefix: string;
  /** The same for every attempt, so that a receiver can drop a repeat. */
  id: string;
  event: string;
  data: unknown;
}

/** @throws when the receiver does not answer 2xx. */
export async function postWebhook(
  message: WebhookMessage,
  signal: AbortSignal,
  faults: PartFaults,
): Promise<string> {
  if (faults.has("webhook")) throw new Error("webhook: receiver answered 500, want 2xx");
  const time = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ id: message.id, event: message.event, data: message.data });
  const key = faults.has("webhook-signature") ? `${message.secret}x` : message.secret;
  const response = await fetch(message.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      [`x-${message.prefix}-event`]: message.event,
      [`x-${message.prefix}-delivery`]: message.id,
      [`x-${message.prefix}-signature`]: `t=${time},v1=${sign(key, time, body)}`,
    },
    body,
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`webhook: receiver answered ${response.status}, want 2xx`);
  return `${response.status}`;
}

/** The hex signature of a body sent at `time`, in Unix seconds. */
export function sign(secret: string, time: number, body: string): string {
  return createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
}

/**
 * Receivers must be reachable by https under a public name; on one machine http to it is accepted as well.
 * @throws with the reason for the person who registers the URL.
 */
export function requireReceiver(url: URL, environment: string): void {
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  if (environment === "local" && loopback) return;
  if (url.protocol !== "https:") throw new Error("url must be https");
  // An address instead of a name is how internal services are reached from outside.
  if (
    loopback ||
    /^[\d.]+$/.test(url.hostname) ||
    url.hostname.startsWith("[") ||
    !url.hostname.includes(".")
  ) {
    throw new Error("url must name a public host");
  }
}
