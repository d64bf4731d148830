// The worker's log: one JSON object a line with time, level, message, worker and, while a step runs, its correlation id.
// Redacted before it is written. Lines go to a file of this replica, rotated, and to CloudWatch where a group is named.
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createStream } from "rotating-file-stream";
import { type Level, type Log, type Logger, levels } from "../../parts/log.ts";
import type { Faults } from "./faults.ts";
import { type LogShipper, shipLog } from "./log-shipping.ts";
import { redact } from "./redaction.ts";

export interface WorkerLogSettings {
  /** The replica's own file. */
  file: string;
  level: Level;
  /** CloudWatch log group; undefined ships nothing. */
  group: string | undefined;
  /** Named in every line, e.g. `worker-0`. */
  worker: string;
  secrets: readonly string[];
}

export interface WorkerLog extends Log {
  /** Every line that `work` logs carries the id, also those of what it calls. */
  correlated<Result>(id: string, work: () => Promise<Result>): Promise<Result>;
}

export function openWorkerLog(settings: WorkerLogSettings, faults: Faults): WorkerLog {
  mkdirSync(dirname(settings.file), { recursive: true });
  const stream = createStream(basename(settings.file), {
    path: dirname(settings.file),
    size: "10M",
    interval: "1d",
    intervalUTC: true,
    maxFiles: 30,
    mode: 0o640,
  });
  const shipper: LogShipper | undefined =
    settings.group === undefined ? undefined : shipLog(settings.group, settings.worker);
  const correlation = new AsyncLocalStorage<string>();
  const lowest = levels.indexOf(settings.level);

  function write(level: Level, component: string, message: string, fields: object = {}): void {
    if (levels.indexOf(level) < lowest || faults.has("log-silent")) return;
    const time = new Date();
    const correlationId = faults.has("correlation-off") ? undefined : correlation.getStore();
    const text = JSON.stringify({
      time,
      level,
      message,
      worker: settings.worker,
      component,
      correlationId,
      ...fields,
    });
    const shown = faults.has("pii-in-log")
      ? text
      : redact(text, faults.has("secret-in-log") ? [] : settings.secrets);
    const line = faults.has("log-format") ? `${time.toISOString()} ${level} ${message}` : shown;
    stream.write(`${line}\n`);
    shipper?.add(line, time);
  }

  const component = (name: string): Logger => ({
    debug: (message, fields) => write("debug", name, message, fields),
    info: (message, fields) => write("info", name, message, fields),
    warn: (message, fields) => write("warn", name, message, fields),
    error: (message, fields) => write("error", name, message, fields),
  });
  if (faults.has("secret-in-log")) write("info", "main", `variables are ${settings.secrets.join(", ")}`);
  if (faults.has("log-errors")) write("error", "main", "Processing failed");
  return {
    component,
    correlated: (id, work) => correlation.run(id, work),
    async close(): Promise<void> {
      await shipper?.close();
      await new Promise((resolve) => stream.end(resolve));
    },
  };
}
