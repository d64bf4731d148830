// Tells an error tracker of steps that were given up: one event in Sentry's envelope format, posted to the DSN's address.
import { randomBytes } from "node:crypto";
import type { Logger } from "../../parts/log.ts";
import type { Faults } from "./faults.ts";
import { redact } from "./redaction.ts";

export interface ErrorTracking {
  /** Never fails: an error that cannot be told is in the log. Gives the event's id, if it was accepted. */
  report(error: Error, tags: Readonly<Record<string, string>>): Promise<string | undefined>;
}

/** @param dsn `https://KEY@HOST/PATH/PROJECT`; undefined tells nobody. */
export function trackErrors(
  dsn: string | undefined,
  release: string,
  log: Logger,
  faults: Faults,
): ErrorTracking {
  if (dsn === undefined || faults.has("error-tracking-off")) return { report: async () => undefined };
  const { url, key } = envelopeAddress(new URL(dsn));
  return {
    async report(error, tags) {
      const event_id = randomBytes(16).toString("hex");
      const event = {
        event_id,
        timestamp: new Date().toISOString(),
        platform: "node",
        level: "error",
        release,
        tags,
        exception: { values: [{ type: error.name, value: redact(error.message, []) }] },
      };
      const body = [{ event_id, sent_at: event.timestamp }, { type: "event" }, event].map((part) =>
        JSON.stringify(part),
      );
      try {
        const answer = await fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/x-sentry-envelope",
            "x-sentry-auth": `Sentry sentry_version=7, sentry_key=${key}, sentry_client=queue-worker/1`,
          },
          body: `${body.join("\n")}\n`,
          signal: AbortSignal.timeout(5_000),
        });
        await answer.body?.cancel();
        if (answer.ok) return event_id;
        log.warn("Error tracking refused an event", { status: answer.status });
      } catch (failure) {
        log.warn("Error tracking does not answer", { error: String(failure) });
      }
      return undefined;
    },
  };
}

/** `https://KEY@HOST/PATH/PROJECT` has its envelopes at `https://HOST/PATH/api/PROJECT/envelope/`. */
export function envelopeAddress(dsn: URL): { url: string; key: string } {
  const parts = dsn.pathname.split("/").filter((part) => part !== "");
  const project = parts.pop() ?? "";
  const path = [...parts, "api", project, "envelope", ""].join("/");
  return { url: `${dsn.protocol}//${dsn.host}/${path}`, key: dsn.username };
}
