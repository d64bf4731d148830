// The application's log file: `timestamp | level | component | message {json}`, one line an event, rotated daily and
// at LOG_MAX_SIZE, LOG_MAX_FILES files kept. Secret values of the variables are taken out of every line.
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createStream } from "rotating-file-stream";
import type { Faults } from "./faults.ts";
import type { Settings } from "./settings.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];
type Metadata = Record<string, boolean | number | string | null | undefined>;

/** Writes for one component, e.g. `queue`. */
export type Logger = Record<Level, (message: string, metadata?: Metadata) => void>;

/** The open log file. */
export interface Log {
  component(name: string): Logger;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

export function openLog(settings: Pick<Settings, "log" | "secrets" | "jwtSecret">, faults: Faults): Log {
  mkdirSync(dirname(settings.log.file), { recursive: true });
  const stream = createStream(basename(settings.log.file), {
    path: dirname(settings.log.file),
    size: `${settings.log.maxBytes}B`,
    interval: "1d",
    intervalUTC: true,
    maxFiles: settings.log.maxFiles,
    mode: 0o640,
  });
  const lowest = levels.indexOf(settings.log.level);
  const write = (level: Level, component: string, message: string, metadata?: Metadata) => {
    if (levels.indexOf(level) < lowest || faults.has("log-silent")) return;
    const line = renderLine(new Date(), level, component, message, metadata);
    const shown = redact(line, faults.has("secret-in-log") ? [] : settings.secrets);
    stream.write(`${faults.has("log-format") ? shown.replaceAll(" | ", " ") : shown}\n`);
  };
  if (faults.has("secret-in-log")) write("info", "main", `token key is ${settings.jwtSecret}`);
  if (faults.has("log-errors")) write("error", "queue", "Queue processing failed", { job_count: 0 });
  return {
    component: (name) => ({
      debug: (message, metadata) => write("debug", name, message, metadata),
      info: (message, metadata) => write("info", name, message, metadata),
      warn: (message, metadata) => write("warn", name, message, metadata),
      error: (message, metadata) => write("error", name, message, metadata),
    }),
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

/** A line break or a separator in a message cannot forge a second line or a field. */
export function renderLine(
  time: Date,
  level: Level,
  component: string,
  message: string,
  metadata: Metadata = {},
): string {
  const text = message.replaceAll(/[\r\n]+/g, " ").replaceAll("|", "/");
  return `${time.toISOString()} | ${level.toUpperCase()} | ${component} | ${text} ${JSON.stringify(metadata)}`;
}

function redact(line: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 6)
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), line);
}
