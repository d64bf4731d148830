// Everything the application's parts share: opened once at the start, closed in the reverse order.
import { Counter, Gauge } from "prom-client";
import { type Core, type Identity, openCore } from "../../parts/core.ts";
import { service } from "../../parts/database.ts";
import { createMailer, type Mailer } from "../../parts/delivery/mail.ts";
import type { Faults } from "./faults.ts";
import type { Settings } from "./settings.ts";

export interface System extends Core<Faults> {
  settings: Settings;
  mailer: Mailer;
  /** Events by kind, and messages that left by channel and result. */
  counters: { events: Counter<"event">; messages: Counter<"channel" | "result"> };
}

/** @throws when the database or Redis does not answer. */
export async function openSystem(settings: Settings, faults: Faults, identity: Identity): Promise<System> {
  const given = { ...settings, name: "support-troubleshooting", prefix: "support" };
  const core = await openCore(given, faults, identity);
  const mailer = createMailer(settings.mail, faults);
  return {
    ...core,
    settings,
    mailer,
    counters: createCounters(core),
    async close() {
      mailer.close();
      await core.close();
    },
  };
}

function createCounters({ metrics, database, faults }: Core<Faults>): System["counters"] {
  const registers = [metrics.registry];
  new Gauge({
    name: "support_sessions",
    help: "Sessions by status",
    labelNames: ["status"],
    registers,
    async collect() {
      if (faults.has("metrics-frozen")) return;
      const text = "SELECT status, count(*)::integer AS total FROM troubleshooting_sessions GROUP BY status";
      this.reset();
      for (const status of ["open", "resolved", "escalated", "abandoned"]) this.set({ status }, 0);
      for (const row of await database.query<{ status: string; total: number }>(service, text))
        this.set({ status: row.status }, row.total);
    },
  });
  const events = new Counter({
    name: "support_events_total",
    help: "What happened, by event",
    labelNames: ["event"],
    registers,
  });
  const messages = new Counter({
    name: "support_messages_total",
    help: "Messages that left, by channel (mail, webhook) and result (success, failed)",
    labelNames: ["channel", "result"],
    registers,
  });
  // Both results exist from the start: a rate needs a zero, not an absence.
  for (const channel of ["mail", "webhook"])
    for (const result of ["success", "failed"]) messages.inc({ channel, result }, 0);
  return { events, messages };
}
